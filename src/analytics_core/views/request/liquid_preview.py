"""Filling a request's template with its sample user, safely: templates come from data.

No file or template can be loaded, nothing depends on the clock or the machine, and loops, output, sizes and time are
bounded, so a template can neither reach out nor hang the page. The library bounds what a template does, not what it
takes to read one: its lexer looks for the end of a tag from every beginning, so a text is looked over before.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from typing import Any

from liquid import Environment, Node, RenderContext, StrictDefaultUndefined, Undefined
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError, UndefinedError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from liquid.token import Token
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.forms.texts import cut
from analytics_core.views.request.allowance import Allowance
from analytics_core.views.request.missing import MissingAttribute, missing_attribute
from analytics_core.views.request.redaction import redact_text

_LONGEST_TEMPLATE = 20_000
_LONGEST_TEXT = 20_000
_LONGEST_ARGUMENT = 500
_MOST_ITEMS = 1_000
_GREATEST_NUMBER = 10**15
_LONGEST_TAG = 2_000
_MOST_TAGS = 500
_LONGEST_MARKUP = 2_000
_BLANKS = re.compile(r"\s{500}")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HUGE = re.compile(r"[eE]\+?\d{3,}|\d{400}")
_LONGEST_REASON = 160
MOST_MISSING = 20
"""So many attributes that a sample lacks are named of one template."""


class PreviewError(AnalyticsError):
    """A template could not be filled in; the text says why in one line."""


class MissingAttributesError(PreviewError):
    """A template names attributes that the sample lacks: `missing`, in the order in which they are met."""

    def __init__(self, missing: Iterable[MissingAttribute]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"the sample lacks {', '.join(one.name for one in self.missing)}")


class _Context(RenderContext):
    """A scope without the clock, which looks at the time it has left whenever it is used.

    What it lacks is undefined by its whole path. It may not be used, unless it is known to be missing already.
    """

    def __init__(self, template: BoundTemplate, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        super().__init__(template, **kwargs)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        _raise_if_late(self.env)
        found = super().get(path, token=token, default=default)
        # One that was assigned to a name keeps the path it was asked for by.
        if type(found) is not StrictDefaultUndefined or not isinstance(self.env, _Environment):
            return found
        return self.env.undefined_at(path, token)

    def assign(self, key: str, val: Any) -> None:  # noqa: ANN401 - the library's signature
        _raise_if_late(self.env)
        super().assign(key, val)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        _raise_if_late(self.env)
        super().raise_for_loop_limit(length)


class _Template(BoundTemplate):
    context_class = _Context


class _Absent(StrictDefaultUndefined):
    """What the sample lacks, by its path; whatever uses it fails with its name, but the filter `default`."""


class _Environment(Environment):
    """The limits of one rendering; made anew for each, as it holds what is left of the allowance."""

    block_nesting_limit = 20
    context_depth_limit = 20
    loop_iteration_limit = 500
    local_namespace_limit = 200_000
    output_stream_limit = 100_000
    template_class = _Template

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(undefined=StrictDefaultUndefined)
        self.allowance = allowance
        self.asked: dict[str, MissingAttribute] = {}
        self.missing: dict[str, MissingAttribute] = {}
        self.filters = {name: _bound(self, name, function) for name, function in self.filters.items()}
        self.filters["date"] = _no_clock
        for tag in ("include", "render"):
            del self.tags[tag]

    def undefined_at(self, path: list[object], token: Token | None) -> Undefined:
        """What stands at a path that the sample lacks."""
        attribute = missing_attribute(path)
        if attribute.name in self.missing:
            return Undefined(attribute.name, token=token)
        self.asked[attribute.name] = attribute
        return _Absent(attribute.name, token=token, hint=attribute.name)

    def note_missing(self, error: UndefinedError) -> bool:
        """Whether what was used, though it is undefined, is one more attribute to name."""
        attribute = self.asked.get(str(error.message))
        if attribute is None or attribute.name in self.missing or len(self.missing) >= MOST_MISSING:
            return False
        self.missing[attribute.name] = attribute
        return True


def fill_in(template: str, sample: Mapping[str, object], allowance: Allowance | None = None) -> str:
    """`template` with the values of `sample`.

    Args:
        template: Liquid.
        sample: values by name; nothing of it may be secret.
        allowance: what is left of the campaign's; None for one of its own.

    Raises:
        MissingAttributesError: it names what the sample lacks; all of it that it meets, at most `MOST_MISSING`.
        PreviewError: the template is no valid Liquid, or goes beyond a limit.
    """
    if "{{" not in template and "{%" not in template and len(template) <= _LONGEST_TEMPLATE:
        return template
    _require_parsable(template)
    allowance = allowance or Allowance()
    if allowance.is_late():
        raise PreviewError("beyond a limit of the preview: time")
    try:
        return _render(template, sample, allowance)
    except LiquidError as error:
        reason = _shorten_reason(str(error.message or type(error).__name__))
        limited = isinstance(error, ResourceLimitError)
        raise PreviewError(f"beyond a limit of the preview: {reason}" if limited else reason) from error
    except PreviewError:
        raise
    except Exception as error:
        raise PreviewError(f"the template cannot be filled in ({type(error).__name__})") from error


def _require_parsable(template: str) -> None:
    """Refuses what the library would take long to read.

    Where the last tag of a kind is closed, so is every one: its lexer then finds an end from each beginning.
    """
    if len(template) > _LONGEST_TEMPLATE:
        raise PreviewError("the template is too long for a preview")
    for begin, end in (("{{", "}}"), ("{%", "%}")):
        if template.rfind(begin) > template.rfind(end):
            raise PreviewError(f"expected {end!r}")
    if template.count("{{") + template.count("{%") > _MOST_TAGS:
        raise PreviewError(f"the template has more than {_MOST_TAGS} tags, too many for a preview")
    if _BLANKS.search(template):
        raise PreviewError("the template has too many blanks in a row for a preview")
    if any(len(tag) > _LONGEST_TAG for tag in _TAG.findall(template)):
        raise PreviewError("a tag of the template is too long for a preview")


def _render(template: str, sample: Mapping[str, object], allowance: Allowance) -> str:
    environment = _Environment(allowance)
    parsed = environment.from_string(template)
    if any(isinstance(expression, RangeLiteral) for expression in _expressions(parsed)):
        raise PreviewError("number ranges are not filled in")  # a huge one fills the memory before any limit is met
    filled = _render_to_end(parsed, environment, sample)
    if environment.missing:
        raise MissingAttributesError(map(_mask_name, environment.missing.values()))
    return filled


def _render_to_end(parsed: BoundTemplate, environment: _Environment, sample: Mapping[str, object]) -> str:
    """The template filled in; again for each attribute that is missing, which then counts as nothing."""
    while True:
        try:
            # As one argument: by name, a value that is called `self` would be taken for another one.
            return parsed.render(sample)
        except UndefinedError as error:
            if environment.note_missing(error):
                continue
            if environment.missing:
                return ""
            raise
        except LiquidError:
            # It may only be because something counts as nothing.
            if environment.missing:
                return ""
            raise


def _mask_name(attribute: MissingAttribute) -> MissingAttribute:
    return replace(attribute, name=_shorten_reason(attribute.name))


def _shorten_reason(text: str) -> str:
    return cut(redact_text(text[: 10 * _LONGEST_REASON]), _LONGEST_REASON)


def _expressions(parsed: BoundTemplate) -> Iterator[Expression]:
    nodes: list[Node] = list(parsed.nodes)
    context = RenderContext(parsed)
    while nodes:
        node = nodes.pop()
        nodes += node.children(context)
        found = list(node.expressions())
        while found:
            yield (expression := found.pop())
            found += expression.children()


def _raise_if_late(environment: Environment) -> None:
    if isinstance(environment, _Environment) and environment.allowance.is_late():
        raise ResourceLimitError("time", token=None)


def _no_clock(*_args: object) -> str:
    raise FilterArgumentError("dates depend on the moment of sending", token=None)


def _bound(environment: _Environment, name: str, function: Callable[..., object]) -> Callable[..., object]:
    """A filter that refuses what would make it slow or its result large."""

    @wraps(function)
    def run_within_bounds(left: object, *args: object, **kwargs: object) -> object:
        _raise_if_late(environment)
        if name != "default" or type(left) is not _Absent:
            _raise_if_large(left, _LONGEST_MARKUP if name.startswith("strip_html") else _LONGEST_TEXT)
        for arg in (*args, *kwargs.values()):
            _raise_if_large(arg, _LONGEST_ARGUMENT)
        result = function(left, *args, **kwargs)
        _raise_if_large(result, _LONGEST_TEXT)
        return result

    return run_within_bounds


def _raise_if_large(value: object, longest: int) -> None:
    if isinstance(value, str):
        # A text may be taken for a number.
        large = len(value) > longest or (len(value) <= _LONGEST_ARGUMENT and _HUGE.search(value) is not None)
    elif isinstance(value, list | tuple | dict):
        large = len(value) > _MOST_ITEMS
    elif isinstance(value, int | float | Decimal):
        large = not -_GREATEST_NUMBER <= value <= _GREATEST_NUMBER  # also what is no number
    else:
        large = False
    if large:
        raise ResourceLimitError("size", token=None)
