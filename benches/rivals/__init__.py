"""The measured computations; each module is run as a process of its own."""
