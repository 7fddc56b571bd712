"""A report as a whole, for tests that do not care where on it something stands."""

from dataclasses import fields

from analytics_core.reporting.report import Report, Section


def every_section(report: Report) -> list[Section]:
    """Its sections in the order of the page."""
    return [getattr(report, field.name) for field in fields(report)]
