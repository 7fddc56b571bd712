"""An executed notebook into one HTML page, by nbconvert and our own template only.

Stock templates load libraries from the network and print code; ours extends none of them.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from analytics_core.reporting.inputs import META_NAME

TEMPLATE = Path(__file__).with_name("template")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Page:
    """What the page's head says: `inputs` is the fingerprint of all the report was made from."""

    title: str
    version: str
    inputs: str
    inputs_name: str = META_NAME
    policy: str = POLICY


class ReportExporter(TemplateExporter):
    """nbconvert with our template directory and no other to look into."""

    output_mimetype = "text/html"

    def __init__(self) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # nbconvert ships types in part
            file_extension=".html",
            template_name=TEMPLATE.name,
            template_paths=[str(TEMPLATE)],
            optimistic_validation=True,
        )

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """The stock filters and `prose`, Markdown in which HTML is only text."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]  # as above
        yield "prose", _render_prose


def page_of(notebook: NotebookNode, page: Page) -> str:
    """The whole HTML document; the same notebook outputs give the same text."""
    html, _ = _exporter().from_notebook_node(notebook, resources={"page": asdict(page)})
    return str(html)


@cache
def _exporter() -> ReportExporter:
    return ReportExporter()


def _render_prose(markdown: str) -> str:
    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(markdown))
