"""Exports of MoEngage."""
