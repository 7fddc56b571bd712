"""What the notebook's cells end with: HTML that Jupyter shows and the exporter prints."""

from dataclasses import dataclass

END_MIME = "application/vnd.connector-analytics.end"
"""Says, beside the closing section's HTML, which campaign's report has come to its end."""

Bundle = tuple[dict[str, str], dict[str, dict[str, bool]]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report.

    Attributes:
        html: finished, escaped HTML.
        in_head: the exporter puts it into the page's head (style), not its body.
        ends: the campaign whose report ends here; None for every section but the last.
    """

    html: str
    in_head: bool = False
    ends: str | None = None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """How Jupyter asks for it."""
        del include, exclude
        end = {} if self.ends is None else {END_MIME: self.ends}
        return {"text/html": self.html, "text/plain": "(HTML)", **end}, {"text/html": {"in_head": self.in_head}}
