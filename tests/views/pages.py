"""Reading pages back: a strict parser that complains about whatever a browser would have to guess."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta"}
HARMLESS_SCHEMES = ("data:image/svg+xml;base64,", "data:text/csv;charset=utf-8;base64,", "data:,", "#")


@dataclass
class Element:
    """One element: its attributes and all text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


@dataclass
class Page(HTMLParser):
    """All elements of a piece of HTML, in order; raises where tags do not match."""

    source: str
    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert not self.open, f"never closed: {[element.tag for element in self.open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice on <{tag}>"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def find(self, tag: str = "", *classes: str) -> list[Element]:
        """The elements of `tag` (any where empty) that have all of `classes`."""
        return [one for one in self.elements if tag in {"", one.tag} and set(classes) <= one.classes]


def assert_inert(source: str) -> Page:
    """Nothing in it runs or asks for anything: no script, no handler, no address but our own pictures and files."""
    page = Page(source)
    for element in page.elements:
        assert element.tag not in {"script", "iframe", "object", "embed", "form", "svg", "base", "math", "template"}
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"{name} on <{element.tag}>"
            assert name not in {"style", "srcdoc", "srcset", "action", "formaction", "background"}
            if name in {"src", "href"}:
                assert value.startswith(HARMLESS_SCHEMES) or (value.endswith(".html") and "/" not in value), value
    return page
