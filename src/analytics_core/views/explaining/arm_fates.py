"""The words for what became of events in a comparison of arms."""

from collections.abc import Mapping
from typing import Any

from analytics_core.domain.words import ArmFate, EventFate, require_every
from analytics_core.explaining.rows_behind import OF_COMPARISON
from analytics_core.metrics.metric import Grain
from analytics_core.views.explaining.why import VERDICTS, VERDICTS_IN_SHORT, standing_text, time_between
from analytics_core.views.request.shown import shown_name

ARM_FATES = require_every(
    ArmFate,
    {
        ArmFate.IN_ARM: "The event belongs to a row of an arm.",
        ArmFate.NOT_MATURED: (
            "The event belongs to a row whose window is still open, and only matured rows are counted."
        ),
        ArmFate.OUTSIDE_PERIOD: "The event belongs to a row outside the period.",
        ArmFate.AFTER_AS_OF: "The event happened after the as-of time.",
        ArmFate.FILTER_NOT_FULFILLED: "The event does not fulfil the goal's filters.",
        ArmFate.CONTAMINATED: (
            "The event belongs to a row that was drawn into a control group and requested anyway; it is in neither arm."
        ),
        ArmFate.OTHER_CONTROL_GROUP: "The event belongs to a row of the other control group.",
        ArmFate.NOT_SENT: "The event belongs to a row that was not sent, which is in neither arm.",
        ArmFate.FREQUENCY_CAPPED: "The event belongs to a frequency-capped row, which is in neither arm.",
        ArmFate.AFTER_WINDOW: "The event happened after the window had closed, less than one window late.",
        ArmFate.BEFORE_FIRST_ROW: "The event happened before the user's first row, less than one window early.",
        ArmFate.OUT_OF_REACH: "The event belongs to no row and did not happen within one window of an arm's row.",
    },
)
"""One sentence per fate; each starts with the event."""
_ARM_FATES_IN_SHORT = require_every(
    ArmFate,
    {
        ArmFate.IN_ARM: "in the {arm} arm",
        ArmFate.NOT_MATURED: "of a row whose window is still open",
        ArmFate.OUTSIDE_PERIOD: "of a row outside the period",
        ArmFate.AFTER_AS_OF: "after the as-of time",
        ArmFate.FILTER_NOT_FULFILLED: "filter not fulfilled ({attributes})",
        ArmFate.CONTAMINATED: "in neither arm (contaminated)",
        ArmFate.OTHER_CONTROL_GROUP: "in neither arm ({control_group_type} control group)",
        ArmFate.NOT_SENT: "in neither arm ({standing})",
        ArmFate.FREQUENCY_CAPPED: "in neither arm (frequency capped)",
        ArmFate.AFTER_WINDOW: "{late} after the window",
        ArmFate.BEFORE_FIRST_ROW: "{early} before the first row",
        ArmFate.OUT_OF_REACH: "in no window and not near one",
    },
)


def fate_sentence(fate: EventFate | ArmFate) -> str:
    """What became of events, in one sentence that starts with the event."""
    return ARM_FATES[fate] if isinstance(fate, ArmFate) else VERDICTS[fate]


def fate_text(event: Mapping[str, Any], grain: Grain) -> str:
    """What became of one event, in a few words; `grain` is that of the number it could have counted in."""
    if grain in OF_COMPARISON:
        words = _ARM_FATES_IN_SHORT[ArmFate(event["verdict"])]
    else:
        words = VERDICTS_IN_SHORT[EventFate(event["verdict"])]
    told = {
        "attributes": ", ".join(map(shown_name, event["unfulfilled"] or ())),
        "standing": standing_text(event["standing"] or "", event["response_code"]),
        "late": time_between(event["window_ends_at"], event["occurred_at"]),
        "early": time_between(event["occurred_at"], event["clock"]),
    }
    return words.format(**{**event, **told})
