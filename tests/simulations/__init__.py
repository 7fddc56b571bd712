"""Campaigns by the thousand whose truth is known, computed by the product."""
