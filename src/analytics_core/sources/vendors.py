"""The vendors whose exports are read: all that is known of each, in one record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_core.domain.words import Vendor, require_every

if TYPE_CHECKING:
    from analytics_core.sources.readings import Reading


@dataclass(frozen=True, slots=True)
class VendorExport:
    """What a vendor exports, and how it is read. Its name and label are those of `vendor`.

    Attributes:
        vendor: whose it is; its value is the name of the import command.
        summary: what that command takes in, as its help says.
        files: what its paths are.
        readings: how the files of an export are found at paths, and read; UnreadableInputError where there are none.
        within: which of the files at paths may hold events of some days; None where no name of a file says it.
    """

    vendor: Vendor
    summary: str
    files: str
    readings: Callable[[Sequence[Path]], Sequence["Reading"]]
    within: Callable[[Sequence[Path], date | None, date | None], list[Path]] | None = None


def _read_braze(paths: Sequence[Path]) -> Sequence["Reading"]:
    from analytics_core.sources.braze.exports import find_readings  # noqa: PLC0415 - what a vendor is called reads no file

    return _find(find_readings, paths, Vendor.BRAZE)


def _select_braze(paths: Sequence[Path], since: date | None, until: date | None) -> list[Path]:
    from analytics_core.sources.braze.files import select_files  # noqa: PLC0415 - as above

    return select_files(paths, since, until)


def _read_customerio(paths: Sequence[Path]) -> Sequence["Reading"]:
    from analytics_core.sources.customerio.exports import find_readings  # noqa: PLC0415 - as above

    return _find(find_readings, paths, Vendor.CUSTOMERIO)


def _read_moengage(paths: Sequence[Path]) -> Sequence["Reading"]:
    from analytics_core.sources.moengage.exports import find_readings  # noqa: PLC0415 - as above

    return _find(find_readings, paths, Vendor.MOENGAGE)


def _find(
    find_readings: Callable[[Sequence[Path]], Sequence["Reading"]], paths: Sequence[Path], vendor: Vendor
) -> Sequence["Reading"]:
    """The readings of an export; where there are none, the error says which importer would read what lies there."""
    from analytics_core.sources.recognition import suggesting_importer  # noqa: PLC0415 - as above

    with suggesting_importer(paths, vendor.value):
        return find_readings(paths)


_EXPORTS = (
    VendorExport(
        Vendor.MOENGAGE,
        "MoEngage's event exports: files of a storage bucket, and bodies of Streams.",
        "Event exports, or directories of them.",
        _read_moengage,
    ),
    VendorExport(
        Vendor.CUSTOMERIO,
        "Customer.io's warehouse sync: deliveries, metrics, outputs, subjects, people.",
        "Parquet files, or folders of them.",
        _read_customerio,
    ),
    VendorExport(
        Vendor.BRAZE,
        "Braze Currents: Avro files, and the JSON of the HTTP connector.",
        "Currents files, or directories of them.",
        _read_braze,
        _select_braze,
    ),
)

VENDORS: Mapping[str, VendorExport] = require_every(Vendor, {export.vendor: export for export in _EXPORTS})
"""By the name of the import command, in the order in which help lists them."""
