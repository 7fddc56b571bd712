"""The Info page of a campaign: what was declared about it, in words."""
