"""The sizes that are measured, by name."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a workload has before retries and duplicates are added, and whether it has control groups."""

    name: str
    deliveries: int
    events: int
    control: bool = True

    @property
    def rows(self) -> int:
        """Both tables together."""
        return self.deliveries + self.events

    @property
    def title(self) -> str:
        """What the size is called in the documentation."""
        if self.name == ONE_USER.name:
            return f"One user with {self.deliveries:,} triggers and {self.events:,} events"
        rows = f"{self.deliveries:,} deliveries, {self.events:,} events"
        return rows if self.control else f"{rows}, no control group"

    def without_control(self) -> "Size":
        """The same size with nobody held back."""
        return replace(self, name=f"{self.name}-without-control", control=False)


SIZES = {
    size.name: size
    for size in (
        Size("small", 1_000_000, 2_000_000),
        Size("medium", 10_000_000, 20_000_000),
        Size("large", 40_000_000, 100_000_000),
    )
}
ONE_USER = Size("one-user", 30_000, 60_000, control=False)
"""All rows belong to one user: what a bot or a test account looks like."""


def size_of(deliveries: int, events: int) -> Size:
    """The size with these rows: a known one, else one named after its rows."""
    known = (size for size in SIZES.values() if (size.deliveries, size.events) == (deliveries, events))
    return next(known, Size(f"{deliveries}-{events}", deliveries, events))
