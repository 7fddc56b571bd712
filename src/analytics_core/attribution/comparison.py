"""Who takes part in a comparison of arms, and when each of their windows opens.

The arms are treated alike: a row's clock is the earliest of its raw rows, whatever became of it, and rows of every
outcome compete for an event, so that a row's window ends where the user's next row begins, of whichever arm.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np

from analytics_core.arrays.packing import Flags, Ints, find_run_starts, number_runs
from analytics_core.attribution.audience import CONTROLS, STANDINGS, Audience, Lookups, order_finally
from analytics_core.domain.words import ControlGroupType, Standing, require_every


class Cell(IntEnum):
    """Where a row stands in the comparisons: every arm is made of some of these, and no row is in two."""

    SENT = 0
    NOT_SENT = 1
    HELD_CAMPAIGN = 2
    HELD_GLOBAL = 3
    CONTAMINATED_CAMPAIGN = 4
    CONTAMINATED_GLOBAL = 5
    NO_ARM = 6


ARM_CELLS = tuple(cell for cell in Cell if cell is not Cell.NO_ARM)
"""The cells whose rows are in an arm; rows of the other only compete."""
HELD = require_every(
    ControlGroupType, {ControlGroupType.CAMPAIGN: Cell.HELD_CAMPAIGN, ControlGroupType.GLOBAL: Cell.HELD_GLOBAL}
)
CONTAMINATED = require_every(
    ControlGroupType,
    {
        ControlGroupType.CAMPAIGN: Cell.CONTAMINATED_CAMPAIGN,
        ControlGroupType.GLOBAL: Cell.CONTAMINATED_GLOBAL,
    },
)


def _cell(standing: Standing, drawn: ControlGroupType | None) -> Cell:
    match standing:
        case Standing.FREQUENCY_CAPPED:
            return Cell.NO_ARM
        case Standing.CONTROL_GROUP:
            return HELD[drawn or ControlGroupType.CAMPAIGN]
        case Standing.SENT if drawn is None:
            return Cell.SENT
        case Standing.SENT | Standing.FAILED_RESPONSE | Standing.PERSONALIZATION_FAILED:
            return Cell.NOT_SENT if drawn is None else CONTAMINATED[drawn]


_CELLS = np.array([[_cell(standing, drawn) for drawn in CONTROLS] for standing in STANDINGS], np.int8)
"""Cells by number of the standing and of the control group drawn into."""


def cells_of(audience: Audience) -> Ints:
    """The cell of each audience row."""
    cells: Ints = _CELLS.ravel()[audience.standing * np.int8(len(CONTROLS)) + audience.drawn]
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class Competitors:
    """The audience rows of compared campaigns as columns, in order of campaign, user, clock and instance id.

    Attributes:
        row: the audience row, by place.
        campaign: key of the campaign.
        user: number of the person.
        person: number of the campaign and user, ascending from 0.
        clock: the earliest of the row's raw rows, microseconds since 1970 UTC.
        cell: where the row stands, a number of `Cell`.
    """

    row: Ints
    campaign: Ints
    user: Ints
    person: Ints
    clock: Ints
    cell: Ints

    def __len__(self) -> int:
        return len(self.row)

    def at(self, places: Ints | Flags) -> Self:
        """The rows at `places`, or where it is true."""
        return type(self)(*(getattr(self, column.name)[places] for column in fields(self)))


def competing_rows(audience: Audience, compared: Flags, lookups: Lookups) -> Competitors:
    """The rows of campaigns that are `compared` (by key, true or false), in the order in which they compete."""
    row = np.flatnonzero(compared[audience.campaign])
    run = number_runs(audience.user_starts(), len(audience))[row]
    places = order_finally(run, audience.opened[row], audience.instance[row], lookups) if len(row) else None
    row = row if places is None else row[places]
    return Competitors(
        row=row,
        campaign=audience.campaign[row],
        user=audience.user[row],
        person=number_runs(find_run_starts(run), len(run)),
        clock=audience.opened[row],
        cell=cells_of(audience)[row],
    )
