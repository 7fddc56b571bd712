"""Filling a request's template with its sample user, safely: templates come from data.

No file or template can be loaded, nothing depends on the clock or the machine, and loops, output, sizes and time are
bounded, so a template can neither reach out nor hang the page.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from liquid import Environment, Node, RenderContext, StrictUndefined
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import FilterArgumentError, LiquidError, ResourceLimitError
from liquid.expression import Expression
from liquid.template import BoundTemplate
from liquid.utils import ReadOnlyChainMap

from analytics_core.domain.errors import AnalyticsError
from analytics_core.views.forms.texts import cut
from analytics_core.views.request.redaction import redact_text

_LONGEST_TEMPLATE = 20_000
_LONGEST_TEXT = 20_000
_LONGEST_ARGUMENT = 500
_MOST_ITEMS = 1_000
_GREATEST_NUMBER = 10**15
_SECONDS = 2.0
_LONGEST_REASON = 160


class PreviewError(AnalyticsError):
    """A template could not be filled in; the text says why in one line."""


class _Context(RenderContext):
    """A scope without the clock, which looks at the time it has left whenever it is used."""

    def __init__(self, template: BoundTemplate, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        super().__init__(template, **kwargs)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)

    def get(self, path: list[object], **kwargs: Any) -> object:  # noqa: ANN401 - the library's signature
        _raise_if_late(self.env)
        return super().get(path, **kwargs)

    def assign(self, key: str, val: Any) -> None:  # noqa: ANN401 - the library's signature
        _raise_if_late(self.env)
        super().assign(key, val)

    def raise_for_loop_limit(self, length: int = 1) -> None:
        _raise_if_late(self.env)
        super().raise_for_loop_limit(length)


class _Template(BoundTemplate):
    context_class = _Context


class _Environment(Environment):
    """The limits of one rendering; made anew for each, as it holds the deadline."""

    block_nesting_limit = 20
    context_depth_limit = 20
    loop_iteration_limit = 500
    local_namespace_limit = 200_000
    output_stream_limit = 100_000
    template_class = _Template

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined)
        self.deadline = time.monotonic() + _SECONDS
        self.filters = {name: _bound(self, function) for name, function in self.filters.items()}
        self.filters["date"] = _no_clock
        for tag in ("include", "render"):
            del self.tags[tag]


def fill_in(template: str, sample: Mapping[str, object]) -> str:
    """`template` with the values of `sample`.

    Raises:
        PreviewError: the template is no valid Liquid, names something the sample lacks, or goes beyond a limit.
    """
    if len(template) > _LONGEST_TEMPLATE:
        raise PreviewError("the template is too long for a preview")
    try:
        return _render(template, sample)
    except LiquidError as error:
        reason = cut(redact_text(str(error.message or type(error).__name__)), _LONGEST_REASON)
        limited = isinstance(error, ResourceLimitError)
        raise PreviewError(f"beyond a limit of the preview: {reason}" if limited else reason) from error
    except PreviewError:
        raise
    except Exception as error:
        raise PreviewError(f"the template cannot be filled in ({type(error).__name__})") from error


def _render(template: str, sample: Mapping[str, object]) -> str:
    parsed = _Environment().from_string(template)
    if any(isinstance(expression, RangeLiteral) for expression in _expressions(parsed)):
        raise PreviewError("number ranges are not filled in")  # a huge one fills the memory before any limit is met
    return parsed.render(**sample)


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
    if isinstance(environment, _Environment) and time.monotonic() > environment.deadline:
        raise ResourceLimitError("time", token=None)


def _no_clock(*_args: object) -> str:
    raise FilterArgumentError("dates depend on the moment of sending", token=None)


def _bound(environment: _Environment, function: Callable[..., object]) -> Callable[..., object]:
    """A filter that refuses what would make it slow or its result large."""

    @wraps(function)
    def run_within_bounds(left: object, *args: object, **kwargs: object) -> object:
        _raise_if_late(environment)
        _raise_if_large(left, _LONGEST_TEXT)
        for arg in args:
            _raise_if_large(arg, _LONGEST_ARGUMENT)
        result = function(left, *args, **kwargs)
        _raise_if_large(result, _LONGEST_TEXT)
        return result

    return run_within_bounds


def _raise_if_large(value: object, longest: int) -> None:
    if isinstance(value, str):
        large = len(value) > longest
    elif isinstance(value, list | tuple | dict):
        large = len(value) > _MOST_ITEMS
    else:
        large = isinstance(value, int) and abs(value) > _GREATEST_NUMBER
    if large:
        raise ResourceLimitError("size", token=None)
