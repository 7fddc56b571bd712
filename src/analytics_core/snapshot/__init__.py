"""The Snapshot: every number of one campaign, computed once, and its JSON."""
