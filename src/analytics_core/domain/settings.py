"""What a computation is asked for: the app, the rules, and the instant it looks from."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from analytics_core.domain.campaign import Campaign
from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.words import AnalyticsVersion, AttributionModel, InstanceCredit, require_every

DEFAULT_WINDOW_HOURS = 36.0
_PRESCRIBED_WINDOW_HOURS = require_every(
    AnalyticsVersion, {AnalyticsVersion.CURRENT: None, AnalyticsVersion.LEGACY: 36.0}
)
"""The window of campaigns whose page leaves no choice."""
_FAR = timedelta(days=30)


class EngineKind(StrEnum):
    """What computes the Snapshots that a command asks for: this process, or Apache Spark; the numbers are the same."""

    LOCAL = "local"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class App:
    """The app whose campaigns these are; every shown time and every day bucket is in `timezone` (IANA)."""

    name: str = "App"
    timezone: str = "UTC"
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Settings:
    """The rules of one computation.

    Attributes:
        attribution_model: which campaigns may be credited with one event.
        instance_credit: which eligible deliveries of one campaign are credited.
        default_window_hours: the window of campaigns that name none.
        window_hours: overrides every campaign's window (never a legacy campaign's); null leaves them.
        success_codes: response codes that make a request *sent*.
        matured_only: restrict every count to audience rows whose window has closed.
        as_of: rows after it do not exist; null means the latest instant in the data.
        since: the first day, in the app's time zone, whose audience rows count; null means from the beginning.
        until: the last such day; null means to the end.

    Raises:
        AnalyticsError: `since` is after `until`.
    """

    attribution_model: AttributionModel = AttributionModel.ALL_INTERACTIONS
    instance_credit: InstanceCredit = InstanceCredit.LATEST
    default_window_hours: float = DEFAULT_WINDOW_HOURS
    window_hours: float | None = None
    success_codes: frozenset[int] = frozenset({200})
    matured_only: bool = False
    as_of: datetime | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise AnalyticsError(f"the period begins on {self.since}, after its last day, {self.until}")

    def window_hours_of(self, campaign: Campaign) -> float:
        """The attribution window that applies to `campaign`, in hours."""
        prescribed = _PRESCRIBED_WINDOW_HOURS[campaign.analytics_version]
        if prescribed is not None:
            return prescribed
        if self.window_hours is not None:
            return self.window_hours
        return campaign.attribution_window_hours or self.default_window_hours

    def window_of(self, campaign: Campaign) -> timedelta:
        """The same as a duration, exact to the microsecond."""
        return timedelta(hours=self.window_hours_of(campaign))

    def looking_from(self, as_of: datetime | None) -> "Settings":
        """The same rules, seen from `as_of`."""
        return replace(self, as_of=as_of)


@dataclass(frozen=True, slots=True)
class LatestRow:
    """The latest delivery or event of a workspace: a computation looks from it where no instant is asked for.

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
