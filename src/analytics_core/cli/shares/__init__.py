"""The commands of one computation in shares."""
