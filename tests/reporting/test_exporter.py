"""What of a notebook is printed, and how the page is closed to the world."""

import re
from html.parser import HTMLParser

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analytics_core.reporting.exporter import POLICY, Page, page_of

HOSTILE = "</title><script>alert(1)</script>"


def shown(html: str, **metadata: object) -> NotebookNode:
    return new_output("display_data", data={"text/html": html, "text/plain": "plain"}, metadata={"text/html": metadata})


def page(*cells: NotebookNode, title: str = "Spring", **metadata: object) -> str:
    return page_of(new_notebook(cells=list(cells), metadata=metadata), Page(title, "1.2.3", "ab" * 32))


class Elements(HTMLParser):
    """Every start tag and its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_html_outputs_are_printed_as_they_are_and_in_order() -> None:
    first, second = (new_code_cell("code", outputs=[shown(f"<p>{n}</p>")]) for n in (1, 2))
    assert re.search(r"<main>\s*<p>1</p>\s*<p>2</p>\s*</main>", page(first, second))


def test_style_goes_into_the_head() -> None:
    html = page(new_code_cell("code", outputs=[shown("<style>.x{}</style>", in_head=True), shown("<p>1</p>")]))
    head, body = html.split("</head>")
    assert ".x{}" in head
    assert ".x{}" not in body
    assert "<p>1</p>" in body


def test_code_prints_prompts_and_other_forms_are_left_out() -> None:
    outputs = [new_output("stream", text="printed"), shown("<p>1</p>"), new_output("display_data", data={})]
    script = new_output("display_data", data={"application/javascript": "alert(1)"})
    html = page(new_code_cell("secret_code()", outputs=[*outputs, script], execution_count=7))
    assert [text for text in ("secret_code", "printed", "plain", "alert", "[7]") if text in html] == []


def test_prose_is_printed_without_its_html() -> None:
    html = page(new_markdown_cell(f"*Read* this {HOSTILE} [x](javascript:alert)"))
    assert "<em>Read</em>" in html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_prose_for_people_in_jupyter_stays_there() -> None:
    assert "stays" not in page(new_markdown_cell("stays", metadata={"tags": ["lab-only"]}))


def test_a_title_is_only_text() -> None:
    html = page(title=HOSTILE)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_widget_state_changes_nothing() -> None:
    cell = new_code_cell("", outputs=[shown("<p>1</p>")])
    state = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2, "version_minor": 0}}
    assert page(cell, widgets=state) == page(cell)


def test_the_page_may_load_nothing() -> None:
    elements = Elements(page(new_code_cell("", outputs=[shown("<p>1</p>")]))).found
    policies = [attrs["content"] for _, attrs in elements if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert POLICY.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert [tag for tag, _ in elements if tag in {"script", "iframe", "object", "embed", "form"}] == []
    addresses = [value for _, attrs in elements for name, value in attrs.items() if name in {"src", "href"}]
    assert addresses == ["data:,"]


def test_the_head_names_version_and_inputs() -> None:
    metas = {attrs.get("name"): attrs.get("content") for tag, attrs in Elements(page()).found if tag == "meta"}
    assert metas["generator"] == "connector-analytics 1.2.3"
    assert metas["connector-analytics-inputs"] == "ab" * 32


def test_the_same_notebook_gives_the_same_bytes() -> None:
    cells = [new_markdown_cell("# A title"), new_code_cell("", outputs=[shown("<p>1</p>")])]
    assert page(*cells) == page(*cells)
