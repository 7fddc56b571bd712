"""The campaign book: definitions in a database, and everything they ever were."""
