"""The rules of a computation as the fields of a form, and back; what cannot be is refused with a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.rule_texts import read_day, read_success_codes, read_window
from analytics_core.domain.settings import Settings
from analytics_core.domain.time import instant_of, zone_named
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.views.forms.labels import ATTRIBUTION_MODELS, INSTANCE_CREDITS
from analytics_core.widgets.browser.dialog import Choice, Dialog, Field, Sheet, Values, WrongFieldsError
from analytics_core.widgets.state import Rules

_ABOUT = Markup("<p>{}</p>").format("Everything on the page is computed anew by these rules; nothing is saved.")
_LOCAL = "%Y-%m-%d %H:%M"


def make_rule_fields(settings: Settings, known_at: datetime | None, timezone: str) -> tuple[Field, ...]:
    """The rules that hold, as fields."""
    when = f"In {timezone}, such as 2026-04-30 23:59; empty: "
    models = tuple((model.value, _capitalize(text.partition(":")[0])) for model, text in ATTRIBUTION_MODELS.items())
    credits_ = tuple((credit.value, _capitalize(text)) for credit, text in INSTANCE_CREDITS.items())
    window = "" if settings.window_hours is None else f"{settings.window_hours:g}h"
    codes = ", ".join(map(str, sorted(settings.success_codes)))
    return (
        Field("window", "Window", window, note="Such as 36h, 90m or 7d; empty: each campaign's own."),
        Field("model", "Attribution model", settings.attribution_model.value, "select", models),
        Field("since", "First day", _day_text(settings.since), "date", note=f"Whose rows count, in {timezone}."),
        Field("until", "Last day", _day_text(settings.until), "date"),
        Field("credit", "Instance credit", settings.instance_credit.value, "select", credits_),
        Field("codes", "Success codes", codes, note="Such as 200, 202."),
        Field("as_of", "As of", _time_text(settings.as_of, timezone), note=f"{when}the latest row."),
        Field("known_at", "Known at", _time_text(known_at, timezone), note=f"{when}all that was imported."),
        Field("matured", "Only matured deliveries", "yes" if settings.matured_only else "", "checkbox"),
    )


def read_rules(values: Values, before: Settings, timezone: str) -> Rules:
    """The rules that a filled-in form asks for.

    Args:
        values: of the fields; those that are missing say nothing.
        before: the rules that hold for what the form does not have.
        timezone: in which times without an offset are.

    Raises:
        WrongFieldsError: some cannot be; each with the reason.
    """
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, read in _READERS.items():
        try:
            found[name] = read(values.get(name, "").strip(), timezone)
        except (AnalyticsError, ValueError) as error:
            wrong[name] = str(error)
    since, until = found.get("since"), found.get("until")
    if since and until and since > until:
        wrong["until"] = f"the period would end on {until}, before its first day, {since}"
    if wrong:
        raise WrongFieldsError(wrong)
    settings = replace(
        before,
        window_hours=found["window"],
        since=since,
        until=until,
        attribution_model=found["model"],
        instance_credit=found["credit"],
        success_codes=found["codes"],
        as_of=found["as_of"],
        matured_only=values.get("matured") == "yes",
    )
    return Rules(settings, found["known_at"])


def _read_time(text: str, timezone: str) -> datetime | None:
    """An instant; one without an offset is a time of the app's zone."""
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        local = None
    if local is not None and local.tzinfo is None:
        text = local.replace(tzinfo=zone_named(timezone)).isoformat()
    if local is None:
        raise AnalyticsError(f"{text[:30]!r} is not a time; write it like 2026-04-30 23:59")
    return instant_of("time", text)


def _time_text(instant: datetime | None, timezone: str) -> str:
    return "" if instant is None else instant.astimezone(zone_named(timezone)).strftime(_LOCAL)


def _day_text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _capitalize(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


_READERS: Mapping[str, Callable[[str, str], Any]] = {
    "window": lambda text, _: read_window(text) if text else None,
    "since": lambda text, _: read_day(text) if text else None,
    "until": lambda text, _: read_day(text) if text else None,
    "model": lambda text, _: AttributionModel(text),
    "credit": lambda text, _: InstanceCredit(text),
    "codes": lambda text, _: read_success_codes(text),
    "as_of": _read_time,
    "known_at": _read_time,
}
"""How the text of each field is read; times are of the zone."""


class RulesDialog:
    """Asks for rules, and hands them on once they can be.

    Args:
        dialog: where it is shown.
        asked: called with the rules.
    """

    def __init__(self, dialog: Dialog, asked: Callable[[Rules], None]) -> None:
        self._dialog = dialog
        self._asked = asked

    def open(self, settings: Settings, rules: Rules, own: Settings, timezone: str) -> None:
        """Show the rules that hold.

        Args:
            settings: those of the numbers on the screen.
            rules: what a person asked for before.
            own: the workspace's.
            timezone: the app's.
        """
        fields = make_rule_fields(settings, rules.known_at, timezone)
        choices = (Choice("apply", "Apply", is_default=True, tone="main"), Choice("close", "Cancel"))

        def apply(_: str, values: Values) -> None:
            asked = read_rules(values, settings, timezone)
            if asked == Rules(settings, rules.known_at):
                raise AnalyticsError("These are the rules already.")
            self._dialog.dismiss()
            self._asked(Rules() if asked == Rules(own, None) else asked)

        self._dialog.present(Sheet("By which rules?", _ABOUT, fields, choices), apply)
