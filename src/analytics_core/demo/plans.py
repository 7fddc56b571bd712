"""How each campaign of the demo goes: whom it reaches, what the endpoint answers, and what it brings about.

What a campaign *is* stands in `campaigns.json` beside this module; campaigns without a plan were never sent.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics_core.demo import clock
from analytics_core.demo.chance import Odds
from analytics_core.demo.shopping import CART, ORDER, REFUND

Blank = tuple[str, str | None]
"""Category and attribute of one thing that could not be filled in."""

USER_BLANK: Blank = ("user_attribute", "first_name")
EVENT_BLANK: Blank = ("event_attribute", "product_name")
CAMPAIGN_BLANK: Blank = ("campaign_attribute", "coupon_code")
UNDEFINED_BLANK: Blank = ("undefined", "=1+1")
UNKNOWN_BLANK: Blank = ("unknown", None)

_MOSTLY_FINE: Odds[int | None] = Odds.of((200, 968), (404, 6), (429, 8), (500, 8), (503, 5), (None, 5))
_EVERY_ANSWER: Odds[int | None] = Odds.of(
    *((200, 840), (201, 20), (204, 12), (301, 10), (400, 20), (401, 12), (404, 30)),
    *((429, 16), (500, 16), (503, 12), (None, 12)),
)
_OVERLOADED: Odds[int | None] = Odds.of((200, 610), (429, 190), (503, 150), (500, 20), (None, 30))
_ACCEPTING: Odds[int | None] = Odds.of((200, 900), (201, 40), (204, 25), (500, 20), (None, 15))

_NAME_MISSING = Odds.of(((USER_BLANK,), 8), ((USER_BLANK, CAMPAIGN_BLANK), 2), ((UNKNOWN_BLANK,), 1))
_ANYTHING_MISSING = Odds.of(
    ((EVENT_BLANK,), 10),
    ((USER_BLANK,), 5),
    ((USER_BLANK, EVENT_BLANK), 4),
    ((USER_BLANK, EVENT_BLANK, CAMPAIGN_BLANK), 2),
    ((CAMPAIGN_BLANK,), 2),
    ((UNDEFINED_BLANK,), 2),
    ((UNDEFINED_BLANK, EVENT_BLANK), 1),
    ((), 1),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What `share` of the people who were sent do because of it; half of them within `median_hours`."""

    event_name: str
    share: float
    median_hours: float = 4.0


@dataclass(frozen=True, slots=True)
class Run:
    """One batch: its instance id, its start (epoch ms) and how far its declared segment size is off.

    `missing` is added to the number of people in the segment; null where no size is declared.
    """

    instance_id: str
    starts_at: int
    missing: int | None = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of one campaign.

    Attributes:
        campaign_id: as in the campaign book.
        endpoint: what is called.
        runs: its batches; none for a campaign that events trigger.
        reach: share of all people in its segment (batches only).
        effects: what being sent brings about.
        answers: response codes of a first attempt (null: none came).
        blanks: what personalization lacks where it fails.
        capped, unpersonalized, control: shares of the audience; `control` is the campaign's control group.
        heeds_global: whether the app's global control group is left out.
        contaminated: how many control rows were sent nevertheless.
        lasts: how long one batch takes, ms.
        ends_at: nothing is logged from this instant on.
        unfinished: whether it is still sending.
    """

    campaign_id: str
    endpoint: str
    runs: tuple[Run, ...] = ()
    reach: float = 0.0
    effects: tuple[Effect, ...] = ()
    answers: Odds[int | None] = _MOSTLY_FINE
    blanks: Odds[tuple[Blank, ...]] = _NAME_MISSING
    capped: float = 0.0
    unpersonalized: float = 0.0
    control: float = 0.0
    heeds_global: bool = False
    contaminated: int = 0
    lasts: int = 30 * clock.MINUTE
    ends_at: int = clock.WORLD_ENDS
    unfinished: bool = False


def _runs(first: date, hour: int, *, every_days: int, missing: tuple[int | None, ...]) -> tuple[Run, ...]:
    days = (first + timedelta(days=every_days * number) for number in range(len(missing)))
    return tuple(Run(day.isoformat(), clock.local(day, hour), more) for day, more in zip(days, missing, strict=True))


SPRING_SALE = Plan(
    "spring-sale",
    "https://hooks.acme.example/v1/orders",
    runs=_runs(date(2026, 3, 9), 9, every_days=7, missing=(14, 0, 22, -5, 9, None, 31, 12)),
    reach=0.45,
    effects=(Effect(ORDER, 0.05), Effect(CART, 0.06, 3), Effect(REFUND, 0.003, 20)),
    capped=0.04,
    unpersonalized=0.02,
    control=0.10,
    contaminated=6,
)
DAILY_DIGEST = Plan(
    "daily-digest",
    "https://hooks.acme.example/v1/digest",
    runs=_runs(date(2026, 4, 13), 8, every_days=1, missing=(0, 3, 0, 1, 0, 0, 4, 0, 2, 0)),
    reach=0.28,
    effects=(Effect("App Opened", 0.12, 1.5), Effect(ORDER, 0.004)),
    answers=_ACCEPTING,
    capped=0.11,
    heeds_global=True,
)
NEWSLETTER = Plan(
    "newsletter-legacy",
    "https://old-hooks.acme.example/newsletter",
    runs=_runs(date(2026, 3, 5), 17, every_days=7, missing=(0, 0, 0, 0, 0, 0)),
    reach=0.21,
    effects=(Effect("App Opened", 0.1, 5), Effect(ORDER, 0.02, 6)),
    unpersonalized=0.01,
)
WIN_BACK = Plan(
    "win-back",
    "https://demo:not-a-password@hooks.acme.example/v1/win-back?api_key=not-a-key-0123456789",
    runs=(Run("2026-03-08", clock.local(date(2026, 3, 8), 1, 10), 60),),
    reach=0.6,
    effects=(Effect(ORDER, 0.07, 15), Effect("App Opened", 0.2, 8)),
    answers=_EVERY_ANSWER,
    blanks=_ANYTHING_MISSING,
    unpersonalized=0.04,
    heeds_global=True,
    lasts=100 * clock.MINUTE,
)
FLASH_FRIDAY = Plan(
    "flash-friday",
    "https://hooks.acme.example/v1/flash",
    runs=(Run("2026-04-17", clock.local(date(2026, 4, 17), 12), 8),),
    reach=0.55,
    effects=(Effect(ORDER, 0.05, 2),),
    answers=_OVERLOADED,
    capped=0.08,
    lasts=2 * clock.HOUR,
    ends_at=clock.local(date(2026, 4, 17), 13, 25),
)
EID_OFFER = Plan(
    "eid-offer",
    "https://hooks.acme.example/v1/emea",
    runs=(Run("2026-03-20", clock.local(date(2026, 3, 20), 11), 5),),
    reach=0.25,
    effects=(Effect(ORDER, 0.09, 7),),
    control=0.10,
    heeds_global=True,
)
APP_UPGRADE = Plan(
    "app-upgrade",
    "https://hooks.acme.example/v1/upgrade",
    runs=(Run("2026-04-01", clock.local(date(2026, 4, 1), 15), 0),),
    reach=0.35,
    unpersonalized=0.05,
    blanks=_ANYTHING_MISSING,
)
VIP = Plan(
    "vip-early-access",
    "https://hooks.acme.example/v1/vip",
    runs=(Run("2026-04-30", clock.local(date(2026, 4, 30), 18), 25),),
    reach=0.3,
    effects=(Effect(ORDER, 0.08, 1.5),),
    control=0.10,
    lasts=10 * clock.HOUR,
    ends_at=clock.WORLD_ENDS - clock.MINUTE,
    unfinished=True,
)
CART_REMINDER = Plan(
    "cart-reminder",
    "https://hooks.acme.example/v1/carts",
    effects=(Effect(ORDER, 0.055, 3),),
    blanks=_ANYTHING_MISSING,
    capped=0.09,
    unpersonalized=0.06,
    control=0.10,
    heeds_global=True,
)
WELCOME = Plan(
    "welcome",
    "https://hooks.acme.example/v1/welcome",
    effects=(
        Effect("Profile Completed", 0.38, 3),
        Effect(ORDER, 0.12, 20),
        Effect(CART, 0.2, 9),
        Effect("Wishlist Added", 0.1, 12),
        Effect("Review Written", 0.03, 60),
    ),
    unpersonalized=0.03,
    control=0.10,
)

BATCHES = (
    SPRING_SALE,
    DAILY_DIGEST,
    NEWSLETTER,
    WIN_BACK,
    FLASH_FRIDAY,
    EID_OFFER,
    APP_UPGRADE,
    VIP,
)
"""Plans of one-time and periodic campaigns."""
