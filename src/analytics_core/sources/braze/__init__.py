"""Exports of Braze."""
