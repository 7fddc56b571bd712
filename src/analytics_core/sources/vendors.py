"""The vendors whose exports are read, by the name their import command has."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from analytics_core.sources.braze import exports as braze
from analytics_core.sources.customerio import exports as customerio
from analytics_core.sources.moengage import exports as moengage
from analytics_core.sources.readings import Reading

VENDORS: Mapping[str, Callable[[Sequence[Path]], Sequence[Reading]]] = {
    "braze": braze.readings,
    "moengage": moengage.readings,
    "customerio": customerio.readings,
}
"""How the files of an export are found at paths, and read. UnreadableInputError where there are none."""
