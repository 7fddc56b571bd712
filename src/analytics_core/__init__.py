"""Connector-campaign analytics: every number of a campaign, recomputed from the raw rows."""

from functools import cache


@cache
def package_version() -> str:
    """The installed version; every Snapshot and report names it."""
    from importlib.metadata import version  # noqa: PLC0415 - takes longer to load than the rest, and few ask

    return version("connector-analytics")
