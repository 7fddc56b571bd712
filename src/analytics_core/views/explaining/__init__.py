"""Explanations as text, tables and JSON."""
