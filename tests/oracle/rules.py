"""What the oracle reads of an app and of settings, by name: it knows no class of the product."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Protocol


class AppRules(Protocol):
    timezone: str
    currency: str


class Rules(Protocol):
    attribution_model: str
    instance_credit: str
    default_window_hours: float
    window_hours: float | None
    success_codes: Collection[int]
    matured_only: bool
    as_of: datetime | None
    since: date | None
    until: date | None
