"""Ending early without leaving anything half-done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends the whole batch; anything else, a panic of the engine too, ends one report."""

SIGTERM_STATUS = 128 + signal.SIGTERM


@contextmanager
def stopping_cleanly() -> Iterator[None]:
    """Within it SIGTERM unwinds the stack like Ctrl-C: files beside are removed, processes we started are ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise SystemExit(SIGTERM_STATUS)
