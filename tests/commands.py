"""What the fixture `run` is."""

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]
"""A command in this process: its arguments in, exit code, stdout and stderr out."""
