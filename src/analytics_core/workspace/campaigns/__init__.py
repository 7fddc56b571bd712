"""The campaigns of a workspace: where they stand, what may be done with them, and who did what."""
