"""Exports of Customer.io."""
