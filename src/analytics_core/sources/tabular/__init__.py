"""Tables of any columns, in every form of file they come in."""
