"""Every number of a campaign: declared once in the catalog, computed from audience rows and credits."""
