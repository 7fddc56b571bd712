"""What people do in the app whether or not a campaign reaches them, and what an order looks like."""

from dataclasses import dataclass, field

from analytics_core.demo import clock
from analytics_core.demo.chance import Chance, Odds
from analytics_core.demo.people import CATEGORIES, Person

Attributes = dict[str, str | int | float | bool | None]

ORDER = "Order Placed"
REFUND = "Order Refunded"
CART = "Added to Cart"
SIGN_UP = "Signed Up"

_REFUNDED = 0.06
_PRODUCTS = {
    "shoes": ("Trail Runner", "Canvas Low", "Chelsea Boot"),
    "jackets": ("Rain Shell", "Down Parka"),
    "bags": ("Day Pack 20 l", "Tote"),
    "kids": ("Puddle Boots", 'Hoodie "Dino" 🦕'),
    "sports": ("Yoga Mat", "Shorts 5″"),
}
_COUPONS = Odds.of((None, 8), ("SPRING10", 3), ("WELCOME5", 1))
_FAULTS = Odds.of(("", 973), ("absent", 8), ("null", 4), ("words", 3), ("text", 10), ("long", 2))


@dataclass(frozen=True, slots=True)
class Happening:
    """One event before it has an id; `at` is epoch ms, `attributes` null where the app sent none."""

    at: int
    user_id: str
    name: str
    attributes: Attributes | None


@dataclass(slots=True)
class Shop:
    """What has happened so far, in no particular order."""

    happenings: list[Happening] = field(default_factory=list)
    abandoned_carts: list[tuple[int, Person]] = field(default_factory=list)

    def note(self, person: Person, at: int, name: str, attributes: Attributes | None = None) -> None:
        """Adds one event, unless it lies beyond the end of the demo."""
        if at < clock.WORLD_ENDS:
            self.happenings.append(Happening(at, person.id_at(at), name, attributes))

    def act(self, chance: Chance, person: Person, name: str, *, at: int) -> None:
        """Adds what a campaign brought a person to do."""
        if name == ORDER:
            self.order(chance, person, at)
        elif name == REFUND:
            self._refund(person, at, _bought(chance, person), int(chance.long_tail(4_800, 0.7)))
        else:
            self.note(person, at, name, _bought(chance, person) if name == CART else {"via": "campaign"})

    def order(self, chance: Chance, person: Person, at: int) -> None:
        """Adds an order and, for some orders, the refund that follows it."""
        cents = max(int(chance.long_tail(4_800, 0.7)), 99)
        bought = _bought(chance, person)
        self.note(person, at, ORDER, {**bought, **_value(chance, cents), "currency": person.currency})
        if chance.happens(_REFUNDED):
            back = at + int(chance.long_tail(20 * clock.HOUR, 0.8))
            self._refund(person, back, bought, cents)

    def _refund(self, person: Person, at: int, bought: Attributes, cents: int) -> None:
        self.note(person, at, REFUND, {**bought, "order_value": -cents / 100, "currency": person.currency})


def _bought(chance: Chance, person: Person) -> Attributes:
    """What was bought: category, product, number of items, and the coupon where one was used."""
    category = person.favourite if chance.happens(0.6) else chance.pick(CATEGORIES)
    bought: Attributes = {
        "category": category,
        "product_name": chance.pick(_PRODUCTS[category]),
        "items": 1 + chance.below(4),
    }
    coupon = _COUPONS.draw(chance)
    return bought if coupon is None else {**bought, "coupon": coupon}


def _value(chance: Chance, cents: int) -> Attributes:
    """The order value, now and then as carelessly written as real apps do."""
    match _FAULTS.draw(chance):
        case "absent":
            return {}
        case "null":
            return {"order_value": None}
        case "words":
            return {"order_value": "n/a"}
        case "text":
            return {"order_value": f"{cents // 100}.{cents % 100:02d}"}
        case "long":
            return {"order_value": f"{cents // 100}.{cents % 100:02d}12345"}
        case _:
            return {"order_value": cents / 100}


def everyday_life(people: tuple[Person, ...]) -> Shop:
    """Eight weeks of the shop without any campaign."""
    chance, shop = Chance("everyday life"), Shop()
    for person in people:
        if person.signed_up_at is not None:
            shop.note(person, person.signed_up_at, SIGN_UP, {"source": chance.pick(("web", "ios", "android"))})
        whole = int(person.visits)
        for _ in range(whole + chance.happens(person.visits - whole)):
            at = clock.shopping_moment(chance)
            # Nobody opens the app before signing up.
            if person.signed_up_at is None or at > person.signed_up_at:
                _visit(chance, shop, person, at)
    return shop


def _visit(chance: Chance, shop: Shop, person: Person, at: int) -> None:
    """Opens the app, perhaps looks at something, perhaps puts it into the cart, perhaps buys it."""
    shop.note(person, at, "App Opened", None if chance.happens(0.3) else {"platform": chance.pick(("ios", "android"))})
    if not chance.happens(0.68):
        return
    at += int(chance.long_tail(2 * clock.MINUTE, 0.7))
    shop.note(person, at, "Product Viewed", {"category": person.favourite})
    if not chance.happens(0.5):
        return
    at += int(chance.long_tail(4 * clock.MINUTE, 0.7))
    shop.note(person, at, CART, _bought(chance, person))
    if chance.happens(0.45):
        shop.order(chance, person, at + int(chance.long_tail(6 * clock.MINUTE, 0.7)))
    elif at + clock.HOUR < clock.WORLD_ENDS:
        shop.abandoned_carts.append((at, person))
