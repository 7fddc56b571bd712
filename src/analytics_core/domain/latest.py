"""The row a computation looks from where it is asked for no other instant: the latest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_FAR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LatestRow:
    """The latest delivery or event of a workspace.

    Attributes:
        at: when it happened, UTC.
        others_until: when the latest of all others happened.
        origin: what brought it: the name of a file, or ``import 3`` where that is all that is known.
    """

    at: datetime
    others_until: datetime
    origin: str

    @property
    def is_far(self) -> bool:
        """Whether it lies more than 30 days after all others: most likely a clock that went wrong."""
        return self.at - self.others_until > _FAR
