"""A definition field by field: what changed in it, what of it may be edited, and where its campaign stands."""
