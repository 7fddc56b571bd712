"""How a mapping file describes times, and which descriptions cannot be."""

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from analytics_core.domain.errors import AnalyticsError
from analytics_core.domain.time import zone_named
from analytics_core.sources.mapping.sections import Section

OFFSET = re.compile(r"([+-])(\d\d)(?::?(\d\d))?", re.ASCII)
DIRECTIVE = re.compile(r"%.", re.DOTALL)
_WRITTEN_ZONE = re.compile(r"(?:^|[^A-Za-z])(UTC|GMT|Z|[+-]\d\d:?\d\d)\s*$", re.ASCII)
_AFTERNOON = datetime(2026, 11, 29, 13, 7, 41, tzinfo=UTC)


def zone_of(text: str) -> tzinfo:
    """The time zone of an IANA name, or of an offset such as ``+05:30``.

    Raises:
        AnalyticsError: there is no such zone.
    """
    found = OFFSET.fullmatch(text)
    if not found:
        return zone_named(text)
    hours, minutes = int(found[2]), int(found[3] or 0)
    if hours > 23 or minutes > 59:  # noqa: PLR2004  # the hours and minutes of a day
        raise AnalyticsError(f"no time zone {text!r}; an offset is at most 23:59")
    return timezone((-1 if found[1] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def zone_written_in(form: str) -> str | None:
    """The zone that a format has as plain text at its end: ``%H:%M UTC`` says that all of its times are in UTC."""
    found = _WRITTEN_ZONE.search(DIRECTIVE.sub("\0", form))
    return found[1] if found else None


def _check_format(form: str) -> str:
    """Refuse what reads no time, by writing one down and reading it back."""
    try:
        with warnings.catch_warnings():
            # From Python 3.13 on it says itself what is refused below: a day without a year.
            warnings.simplefilter("ignore", DeprecationWarning)
            found = datetime.strptime(_AFTERNOON.strftime(form), form)  # noqa: DTZ007 - only its digits are looked at
    except (ValueError, re.error) as error:
        raise ValueError(f"{form!r} is a format that cannot be: {str(error).splitlines()[0]}") from error
    if found.date() != _AFTERNOON.date():
        raise ValueError(f"{form!r} does not say which day it is")
    if found.hour != _AFTERNOON.hour:
        raise ValueError(f"{form!r} says no time of day; join two columns where date and time are apart")
    return form


class TimeFormat(Section):
    """How the times of one column are written.

    Attributes:
        format: as `datetime.strptime` takes it; None: ISO 8601.
        formats: several, tried in order.
        timezone: the zone of times that name none themselves.
        unit: of numbers since 1970; then there is neither format nor zone.
    """

    younger = ("formats",)

    format: str | None = None
    formats: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    timezone: str | None = None
    unit: Literal["s", "ms", "us", "ns"] | None = None

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, name: str | None) -> str | None:
        if name is not None:
            zone_of(name)
        return name

    @field_validator("format")
    @classmethod
    def _check_one(cls, form: str | None) -> str | None:
        return form and _check_format(form)

    @field_validator("formats")
    @classmethod
    def _check_all(cls, forms: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return forms and tuple(map(_check_format, forms))

    @model_validator(mode="after")
    def _clear(self) -> "TimeFormat":
        if self.format and self.formats:
            raise ValueError("give format or formats")
        if self.unit and (self.format or self.formats or self.timezone):
            raise ValueError("unit cannot be combined with format or timezone")
        zoned = self.all_formats and all(
            "%z" in form or "%Z" in form or zone_written_in(form) for form in self.all_formats
        )
        if not self.unit and not self.timezone and not zoned:
            raise ValueError("give a timezone, a unit, or a format with %z")
        return self

    @property
    def all_formats(self) -> tuple[str, ...]:
        """In the order in which they are tried; none where times are ISO 8601."""
        return self.formats or ((self.format,) if self.format else ())
