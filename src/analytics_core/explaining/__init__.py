"""A number down to its rows, and what became of an event."""
