"""The customers of the demo app, and the ids they were known by."""

from dataclasses import dataclass

from analytics_core.demo import clock
from analytics_core.demo.chance import Chance, Odds

PEOPLE = 3_900
MERGED = 90
CHAINED = 10
_CURRENCIES = Odds.of(("USD", 94), ("EUR", 6))
CATEGORIES = ("shoes", "jackets", "bags", "kids", "sports")


@dataclass(frozen=True, slots=True)
class Person:
    """One customer.

    Attributes:
        number: 1 for the first customer.
        signed_up_at: epoch ms; null where it was before the demo begins.
        visits: how many visits to expect in the eight weeks.
        favourite: category most often bought.
        currency: what the customer pays in.
        earlier_id: id before `known_since`; null for most.
        known_since: epoch ms from which on the rows carry `user_id`.
    """

    number: int
    signed_up_at: int | None
    visits: float
    favourite: str
    currency: str
    earlier_id: str | None
    known_since: int

    @property
    def user_id(self) -> str:
        """The id that means this person in the end."""
        return name_of(self.number)

    def id_at(self, instant: int) -> str:
        """The id a row of that instant carries."""
        return self.earlier_id if self.earlier_id is not None and instant < self.known_since else self.user_id


def name_of(number: int) -> str:
    """A user id as the app writes it, such as `u-000123`."""
    return f"u-{number:06d}"


def population() -> tuple[Person, ...]:
    """Everybody, in the order of their numbers; ids above `PEOPLE` are earlier ids of the first people."""
    chance = Chance("people")
    people = []
    for number in range(1, PEOPLE + 1):
        new = chance.happens(0.11)
        # The oldest id, which is two merges away for the last few of those who have one.
        oldest = PEOPLE + number + (CHAINED if number > MERGED - CHAINED else 0)
        person = Person(
            number=number,
            signed_up_at=clock.shopping_moment(chance) if new else None,
            visits=min(chance.long_tail(5.6 if new else 4.9, 0.8), 60),
            favourite=chance.pick(CATEGORIES),
            currency=_CURRENCIES.draw(chance),
            earlier_id=name_of(oldest) if number <= MERGED else None,
            known_since=clock.shopping_moment(chance),
        )
        people.append(person)
    return tuple(people)


def merges() -> list[dict[str, str]]:
    """Rows of the identities table: a direct merge each, then the chained ones."""
    direct = [(PEOPLE + number, number) for number in range(1, MERGED + 1)]
    chained = [(old + CHAINED, old) for old, _ in direct[-CHAINED:]]
    return [{"user_id": name_of(old), "merged_into": name_of(new)} for old, new in direct + chained]
