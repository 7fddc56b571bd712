"""The request of a campaign, without its secrets."""
