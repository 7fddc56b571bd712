"""A campaign's definition, as ``campaigns.json`` states it: validated, frozen, complete."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from analytics_core.domain.money import currency_code
from analytics_core.domain.operators import OPERATORS
from analytics_core.domain.words import AnalyticsVersion, DeliveryType, FilterOperator, Status

Identifier = Annotated[str, Field(min_length=1, max_length=128, strict=True)]
MAX_GOALS = 5
MAX_WINDOW_HOURS = 24 * 366


class _Definition(BaseModel):
    """Frozen; keys we do not know are ignored here and named by the importer."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class GoalFilter(_Definition):
    """One condition on an event's attribute; an absent or null attribute never fulfils it."""

    attribute: Identifier = Field(description="the attribute of the event, at its top level; case counts")
    op: FilterOperator = Field(description="how the attribute is compared: see the operators below")
    value: JsonValue = Field(default=None, description="what it is compared with; not looked at by `exists`")

    @model_validator(mode="after")
    def _value_fits_operator(self) -> "GoalFilter":
        if OPERATORS[self.op].takes_list and not isinstance(self.value, list):
            raise ValueError(f"filter operator {self.op.value!r} needs a list of values")
        return self


class Revenue(_Definition):
    """Where a goal's money is read from."""

    attribute: Identifier = Field(description="the attribute that holds an event's money, in units of the currency")
    currency: str | None = Field(
        default=None,
        description="ISO 4217, trimmed and in capitals; null is the app's. Events in another currency add nothing",
    )

    @field_validator("currency")
    @classmethod
    def _trim(cls, written: str | None) -> str | None:
        return None if written is None else currency_code(written)

    def currency_in(self, app_currency: str) -> str:
        """The currency that an event's money must be in, in an app of `app_currency`."""
        return self.currency or currency_code(app_currency) or ""


class Goal(_Definition):
    """What counts as a conversion: an event name, filters that must all hold, and its revenue."""

    goal_id: Identifier = Field(description="names the goal within its campaign; no two are the same")
    name: str = Field(description="what the goal is called on screens")
    event_name: Identifier = Field(description="the name of the events that may be conversions; case counts")
    is_primary: bool = Field(
        default=False,
        description="whose numbers stand for the campaign; of several the first, without any the first goal",
    )
    filters: tuple[GoalFilter, ...] = Field(default=(), description="conditions that must all hold; none: every event")
    revenue: Revenue | None = Field(default=None, description="where money is read from; null: the goal has none")


class Approval(_Definition):
    """Who may approve the campaign and what they decided."""

    required: bool = Field(default=False, description="whether somebody must approve before anything is sent")
    approvers: tuple[str, ...] = Field(default=(), description="who may")
    approved_by: str | None = Field(default=None, description="who did")
    rejected_by: str | None = Field(default=None, description="who refused")
    decided_at: AwareDatetime | None = Field(default=None, description="when")
    comment: str | None = Field(default=None, description="what they said")


class Audience(_Definition):
    """Whom the campaign addresses."""

    segment: str | None = Field(default=None, description="who, in words")
    filters: str | None = Field(default=None, description="who of them, in words")
    excluded: str | None = Field(default=None, description="who not, in words")
    control_group_percent: Annotated[float, Field(ge=0, le=100)] | None = Field(
        default=None,
        description="the part of users to hold out in the campaign's control group; what was drawn is held against it",
        json_schema_extra={"unit": "percent"},
    )
    global_control_group: bool = Field(
        default=False, description="whether users of the app's global control group are held out as well"
    )


class Schedule(_Definition):
    """When the campaign runs and what slows it down."""

    kind: str | None = Field(default=None, description="how often, such as `weekly`")
    starts_at: AwareDatetime | None = Field(default=None, description="when it may start to send")
    ends_at: AwareDatetime | None = Field(default=None, description="when it stops")
    detail: str | None = Field(default=None, description="when exactly, in words, such as `Mondays 09:00`")
    frequency_cap: str | None = Field(default=None, description="how many messages a user gets at most, in words")
    ignore_frequency_cap: bool = Field(default=False, description="whether the campaign is sent all the same")
    requests_per_minute: int | None = Field(
        default=None, description="how fast requests are sent at most", json_schema_extra={"unit": "requests a minute"}
    )


class Request(_Definition):
    """The webhook call; `url`, `headers` and `body` may hold secrets and never leave unredacted."""

    method: str = Field(default="POST", description="the HTTP method")
    url: str = Field(default="", repr=False, description="what is called; may hold `{{ … }}`")
    headers: dict[str, str] = Field(default={}, repr=False, description="headers by name; values may hold `{{ … }}`")
    body: str | None = Field(default=None, repr=False, description="what is sent; may hold `{{ … }}`")
    sample: dict[str, Any] = Field(default={}, repr=False, description="values for `{{ … }}` in the preview, by name")


class Campaign(_Definition):
    """One connector campaign. Only id, name, delivery type and goals are required."""

    campaign_id: Identifier = Field(description="names the campaign in every table; a whole number is taken as text")
    name: str = Field(description="what the campaign is called on screens")
    delivery_type: DeliveryType = Field(
        description="how its instances come about: once, by a schedule, by users' events"
    )
    analytics_version: AnalyticsVersion = Field(
        default=AnalyticsVersion.CURRENT,
        description="whose definitions hold; `legacy` is the older, smaller page with a window of 36 hours",
    )
    status: Status | None = Field(
        default=None, description="where it stands; `active` and `sending` are looked at daily, see [uplift](uplift.md)"
    )
    team: str | None = Field(default=None, description="whose it is")
    tags: tuple[str, ...] = Field(default=(), description="words to find it by")
    created_at: AwareDatetime | None = Field(default=None, description="when it was made")
    created_by: str | None = Field(default=None, description="by whom")
    updated_at: AwareDatetime | None = Field(default=None, description="when it was last changed")
    updated_by: str | None = Field(default=None, description="by whom")
    approval: Approval | None = Field(default=None, description="who may approve it, and who did")
    audience: Audience | None = Field(default=None, description="whom it addresses")
    trigger: JsonValue = Field(default=None, description="what starts it, where users' events do: text or any JSON")
    schedule: Schedule | None = Field(default=None, description="when it runs")
    request: Request | None = Field(default=None, description="what it sends")
    attribution_window_hours: Annotated[float, Field(gt=0, le=MAX_WINDOW_HOURS)] | None = Field(
        default=None,
        description="how long after a send an event may be credited to it; null: `window_hours` of `workspace.toml`",
        json_schema_extra={"unit": "hours"},
    )
    goals: Annotated[tuple[Goal, ...], Field(min_length=1, max_length=MAX_GOALS)] = Field(
        description="what counts as a conversion; every goal has numbers of its own"
    )

    @model_validator(mode="after")
    def _goal_ids_differ(self) -> "Campaign":
        ids = [goal.goal_id for goal in self.goals]
        if len(set(ids)) != len(ids):
            raise ValueError("goal_id values must differ within a campaign")
        return self

    @property
    def primary_goal(self) -> Goal:
        """The first goal marked primary, else the first."""
        return next((goal for goal in self.goals if goal.is_primary), self.goals[0])
