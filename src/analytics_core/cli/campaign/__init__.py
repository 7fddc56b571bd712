"""The commands about one campaign."""
