"""The demo workspaces' canonical input: a synthetic app, and real retail campaigns."""
