"""A campaign's definition, as ``campaigns.json`` states it: validated, frozen, complete."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from analytics_core.domain.currencies import currency_code
from analytics_core.domain.words import AnalyticsVersion, DeliveryType, FilterOperator, Status

Identifier = Annotated[str, Field(min_length=1, max_length=128, strict=True)]
MAX_GOALS = 5


class _Definition(BaseModel):
    """Frozen; keys we do not know are ignored here and named by the importer."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class GoalFilter(_Definition):
    """One condition on an event's attribute; an absent or null attribute never fulfils it."""

    attribute: Identifier
    op: FilterOperator
    value: JsonValue = None

    @model_validator(mode="after")
    def _value_fits_operator(self) -> "GoalFilter":
        if self.op in {FilterOperator.IN, FilterOperator.NOT_IN} and not isinstance(self.value, list):
            raise ValueError(f"filter operator {self.op.value!r} needs a list of values")
        return self


class Revenue(_Definition):
    """Where a goal's money is read from. `currency`, kept trimmed and in capitals, is null for the app's currency."""

    attribute: Identifier
    currency: str | None = None

    @field_validator("currency")
    @classmethod
    def _trim(cls, written: str | None) -> str | None:
        return None if written is None else currency_code(written)

    def currency_in(self, app_currency: str) -> str:
        """The currency that an event's money must be in, in an app of `app_currency`."""
        return self.currency or currency_code(app_currency) or ""


class Goal(_Definition):
    """What counts as a conversion: an event name, filters that must all hold, and its revenue."""

    goal_id: Identifier
    name: str
    event_name: Identifier
    is_primary: bool = False
    filters: tuple[GoalFilter, ...] = ()
    revenue: Revenue | None = None


class Approval(_Definition):
    """Who may approve the campaign and what they decided."""

    required: bool = False
    approvers: tuple[str, ...] = ()
    approved_by: str | None = None
    rejected_by: str | None = None
    decided_at: AwareDatetime | None = None
    comment: str | None = None


class Audience(_Definition):
    """Whom the campaign addresses. `control_group_percent` is 0-100; null where it is not declared."""

    segment: str | None = None
    filters: str | None = None
    excluded: str | None = None
    control_group_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    global_control_group: bool = False


class Schedule(_Definition):
    """When the campaign runs and what slows it down."""

    kind: str | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    detail: str | None = None
    frequency_cap: str | None = None
    ignore_frequency_cap: bool = False
    requests_per_minute: int | None = None


class Request(_Definition):
    """The webhook call; `url`, `headers` and `body` may hold secrets and never leave unredacted."""

    method: str = "POST"
    url: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | None = None
    sample: dict[str, Any] = Field(default_factory=dict)


class Campaign(_Definition):
    """One connector campaign. Only id, name, delivery type and goals are required."""

    campaign_id: Identifier
    name: str
    delivery_type: DeliveryType
    analytics_version: AnalyticsVersion = AnalyticsVersion.CURRENT
    status: Status | None = None
    team: str | None = None
    tags: tuple[str, ...] = ()
    created_at: AwareDatetime | None = None
    created_by: str | None = None
    updated_at: AwareDatetime | None = None
    updated_by: str | None = None
    approval: Approval | None = None
    audience: Audience | None = None
    trigger: JsonValue = None
    schedule: Schedule | None = None
    request: Request | None = None
    attribution_window_hours: Annotated[float, Field(gt=0, le=24 * 366)] | None = None
    goals: Annotated[tuple[Goal, ...], Field(min_length=1, max_length=MAX_GOALS)]

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
