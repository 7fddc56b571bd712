"""Which files lie at the paths of an import, which of them are read, and what is said of the others."""
