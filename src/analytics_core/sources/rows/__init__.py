"""Cells and rows of any source: read, checked, kept aside where they are bad."""
