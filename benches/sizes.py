"""The sizes that are measured, by name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a workload has before retries and duplicates are added."""

    name: str
    deliveries: int
    events: int

    @property
    def rows(self) -> int:
        """Both tables together."""
        return self.deliveries + self.events

    @property
    def title(self) -> str:
        """What the size is called in the documentation."""
        if self.name == ONE_USER.name:
            return f"One user with {self.deliveries:,} triggers and {self.events:,} events"
        return f"{self.deliveries:,} deliveries, {self.events:,} events"


SIZES = {
    size.name: size
    for size in (
        Size("small", 1_000_000, 2_000_000),
        Size("medium", 10_000_000, 20_000_000),
        Size("large", 40_000_000, 100_000_000),
    )
}
ONE_USER = Size("one-user", 30_000, 60_000)
"""All rows belong to one user: what a bot or a test account looks like."""


def size_of(deliveries: int, events: int) -> Size:
    """The size with these rows: a known one, else one named after its rows."""
    known = (size for size in SIZES.values() if (size.deliveries, size.events) == (deliveries, events))
    return next(known, Size(f"{deliveries}-{events}", deliveries, events))
