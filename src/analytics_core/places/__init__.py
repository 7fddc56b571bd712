"""Where files lie: a directory or an object store, read and written whole."""
