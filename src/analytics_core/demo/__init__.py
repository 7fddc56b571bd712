"""The demo workspaces' canonical input: a synthetic app, and retail campaigns of *The Complete Journey*."""

from enum import StrEnum
from pathlib import Path

from analytics_core.domain.settings import App


class Dataset(StrEnum):
    """The demo workspaces."""

    SYNTHETIC = "synthetic"
    COMPLETEJOURNEY = "completejourney"


def write_demo(directory: Path, dataset: Dataset) -> App:
    """Writes canonical input files (the campaign book and the tables) into `directory`.

    Args:
        directory: made where it is missing; files of the same names are replaced.
        dataset: which demo.

    Returns:
        The app (name, time zone, currency) the workspace must be created with.

    Raises:
        AnalyticsError: the optional package that holds the data is not installed, or cannot be read.
        OSError: the directory cannot be written to.
    """
    from analytics_core.demo.completejourney import write_completejourney  # noqa: PLC0415 - few commands make a demo
    from analytics_core.demo.synthetic import write_synthetic  # noqa: PLC0415 - few commands make a demo

    match dataset:
        case Dataset.SYNTHETIC:
            return write_synthetic(directory)
        case Dataset.COMPLETEJOURNEY:
            return write_completejourney(directory)
