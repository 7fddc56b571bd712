"""Connector-campaign analytics: every number of a campaign, recomputed from the raw rows."""
