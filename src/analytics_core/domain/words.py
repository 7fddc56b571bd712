"""The vocabulary of connector campaigns, as closed sets."""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum, StrEnum
from typing import Self, TypeVar

Entries = TypeVar("Entries", bound=Collection[object])


class DeliveryType(StrEnum):
    """How a campaign's instances come about."""

    ONE_TIME = "one_time"
    PERIODIC = "periodic"
    EVENT_TRIGGERED = "event_triggered"


class AnalyticsVersion(StrEnum):
    """Which definitions a campaign's page uses; `legacy` is the older, smaller page."""

    CURRENT = "current"
    LEGACY = "legacy"


class Status(StrEnum):
    """Where a campaign stands."""

    ACTIVE = "active"
    EXPIRED = "expired"
    NOT_SENT = "not_sent"
    PAUSED = "paused"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    UNDER_REVIEW = "under_review"
    REJECTED = "rejected"
    DRAFT = "draft"


class Outcome(StrEnum):
    """What became of a user who qualified for an instance, as one raw row says it."""

    FREQUENCY_CAPPED = "frequency_capped"
    CONTROL_GROUP = "control_group"
    PERSONALIZATION_FAILED = "personalization_failed"
    REQUESTED = "requested"


class Standing(StrEnum):
    """What became of an audience row once its raw rows are collapsed and the success rule is applied."""

    SENT = "sent"
    FAILED_RESPONSE = "failed_response"
    PERSONALIZATION_FAILED = "personalization_failed"
    CONTROL_GROUP = "control_group"
    FREQUENCY_CAPPED = "frequency_capped"


class ControlGroupType(StrEnum):
    """Which control group kept a user from being sent."""

    CAMPAIGN = "campaign"
    GLOBAL = "global"


class PersonalizationCategory(StrEnum):
    """Why a request could not be personalized, in the order of the page."""

    USER_ATTRIBUTE = "user_attribute"
    EVENT_ATTRIBUTE = "event_attribute"
    CAMPAIGN_ATTRIBUTE = "campaign_attribute"
    UNDEFINED = "undefined"
    UNKNOWN = "unknown"


class AttributionModel(StrEnum):
    """Which campaigns may be credited with one event."""

    ALL_INTERACTIONS = "all_interactions"
    LAST_INTERACTION = "last_interaction"

    @property
    def campaigns_compete(self) -> bool:
        """Whether an event is credited to one campaign alone, so that a campaign's numbers depend on the others."""
        match self:
            case AttributionModel.ALL_INTERACTIONS:
                return False
            case AttributionModel.LAST_INTERACTION:
                return True


class InstanceCredit(StrEnum):
    """Which eligible deliveries of one campaign are credited with one event."""

    LATEST = "latest"
    FIRST = "first"
    EVERY = "every"


class FilterOperator(StrEnum):
    """How a goal filter compares an event's attribute."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    EXISTS = "exists"


class Grain(StrEnum):
    """How long a bucket of a trend is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Counting(StrEnum):
    """The unique/total switch of the delivery counts."""

    UNIQUE = "unique"
    TOTAL = "total"


class ShownAs(StrEnum):
    """The number/percentage switch of the cards."""

    NUMBER = "number"
    PERCENTAGE = "percentage"


class EventFate(StrEnum):
    """What became of an event that could have been a conversion, the nearest to counting first."""

    CREDITED = "credited"
    NOT_MATURED = "not_matured"
    OUTSIDE_PERIOD = "outside_period"
    OTHER_CAMPAIGN = "other_campaign"
    OTHER_INSTANCE = "other_instance"
    AFTER_AS_OF = "after_as_of"
    FILTER_NOT_FULFILLED = "filter_not_fulfilled"
    CONTROL_USER = "control_user"
    NOT_SENT = "not_sent"
    AFTER_WINDOW = "after_window"
    BEFORE_FIRST_SEND = "before_first_send"
    OUT_OF_REACH = "out_of_reach"


class Arm(StrEnum):
    """One side of a comparison with a control group."""

    TREATED = "treated"
    CONTROL = "control"


class ArmFate(StrEnum):
    """What became of an event in a comparison of arms, the nearest to counting first."""

    IN_ARM = "in_arm"
    NOT_MATURED = "not_matured"
    OUTSIDE_PERIOD = "outside_period"
    AFTER_AS_OF = "after_as_of"
    FILTER_NOT_FULFILLED = "filter_not_fulfilled"
    CONTAMINATED = "contaminated"
    OTHER_CONTROL_GROUP = "other_control_group"
    NOT_SENT = "not_sent"
    FREQUENCY_CAPPED = "frequency_capped"
    AFTER_WINDOW = "after_window"
    BEFORE_FIRST_ROW = "before_first_row"
    OUT_OF_REACH = "out_of_reach"


class Verdict(StrEnum):
    """What a comparison with a control group allows to say."""

    TOO_FEW = "too_few"
    UP = "up"
    DOWN = "down"
    UNCERTAIN = "uncertain"


class Vendor(StrEnum):
    """Whose numbers about a campaign are kept beside ours: the word for it in data, and what people call it."""

    label: str

    def __new__(cls, word: str, label: str = "") -> Self:
        """A member that is its word; LookupError where nothing says what people call it."""
        if not label:
            raise LookupError(f"vendor {word!r} has no label")
        member = str.__new__(cls, word)
        member._value_ = word
        member.label = label
        return member

    BRAZE = "braze", "Braze"
    CUSTOMERIO = "customerio", "Customer.io"
    MOENGAGE = "moengage", "MoEngage"


class Gap(StrEnum):
    """A part of what became of a campaign's users that an export says nothing about."""

    FAILED_RESPONSES = "failed_responses"
    PERSONALIZATION = "personalization"
    FREQUENCY_CAP = "frequency_cap"
    CONTROL_GROUPS = "control_groups"


# Objects of JSON that say in one field what they hold in another, as a listed header does: of
# `{"name": "Authorization", "value": "Bearer …"}` the second field means nothing without the first.
NAMING = frozenset({"attribute", "field", "header", "key", "name", "property"})
"""Fields that say what stands beside them."""
ALSO_NAMING = frozenset({"code", "id", "k", "label", "param", "parameter", "type", "variable"})
"""Fields that may say it, or something else."""
HOLDING = frozenset({"value", "values"})
"""Fields that hold what is said beside them."""
ALSO_HOLDING = frozenset({"content", "data", "default", "text", "v", "val"})
"""Fields that may hold it."""


def is_naming(name: str) -> bool:
    """Whether a field of this name may say what stands in the field beside it."""
    return name.lower() in NAMING or name.lower() in ALSO_NAMING


def is_holding(name: str) -> bool:
    """Whether a field of this name may hold what the field beside it says."""
    return name.lower() in HOLDING or name.lower() in ALSO_HOLDING


def pair_up(fields: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Each field that may hold something with each that may say what: `("value", "name", "Authorization")`."""
    said = [(name, text) for name, text in fields.items() if isinstance(text, str) and is_naming(name)]
    holding = [name for name in fields if is_holding(name)]
    for held in holding:
        for naming, text in said:
            yield held, naming, text


def is_named_value(fields: Mapping[str, object]) -> bool:
    """Whether the fields of an object are one value that says what it is; a doubtful one holds no object."""
    names = {name.lower() for name in fields}
    if names & NAMING and names & HOLDING:
        return True
    is_flat = not any(isinstance(item, Mapping) for item in fields.values())
    return is_flat and any(map(is_naming, names)) and any(map(is_holding, names))


def require_every(words: type[Enum], entries: Entries) -> Entries:
    """`entries`, in which every member of `words` occurs: a new member without an entry fails where they are written.

    Raises:
        LookupError: members are missing; the message names them.
    """
    missing = [word.name for word in words if word not in entries]
    if missing:
        raise LookupError(f"{words.__name__} has {', '.join(missing)}, of which nothing is said here")
    return entries
