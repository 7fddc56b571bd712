"""Tables of any shape, by a mapping of columns."""
