"""The version of this package."""

from functools import cache
from importlib.metadata import version


@cache
def package_version() -> str:
    """The installed version; every Snapshot and report names it."""
    return version("connector-analytics")
