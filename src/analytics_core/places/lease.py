"""The only right to write in an object store, which has no locks: an object that its holder keeps renewing."""

import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics_core.places.objects import Objects
from analytics_core.places.places import LOCK_SECONDS

if TYPE_CHECKING:
    from obstore import UpdateVersion

_SILENCE = 60.0
"""Seconds without a renewal after which the holder is taken for dead: seen by who waits, so no clocks must agree."""
_BEAT = 10.0
"""Seconds between renewals."""
_PAUSE = 0.5
"""Seconds between looks at who holds it."""


class Lease:
    """One object that says who may write.

    Args:
        objects: the store.
        name: of the object.
    """

    def __init__(self, objects: Objects, name: str) -> None:
        self._objects = objects
        self._name = name
        self._version: UpdateVersion | None = None

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the right; a TimeoutError where others do not let it go."""
        self._take_or_wait()
        ended = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(ended,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()
            self._let_go()

    def _take_or_wait(self) -> None:
        patience = time.monotonic() + LOCK_SECONDS
        seen, since = None, time.monotonic()
        while not self._take_from(None):
            found = self._objects.get(self._name)
            if found is None:
                continue
            holder, version = found
            if version != seen:
                seen, since = version, time.monotonic()
            silent = time.monotonic() - since > _SILENCE
            if (silent or _has_ended(holder)) and self._take_from(version):
                return
            if time.monotonic() > patience:
                raise TimeoutError
            time.sleep(_PAUSE)

    def _take_from(self, known: "UpdateVersion | None") -> bool:
        """Take it from who has it as `known`, or if nobody has it where None."""
        # Never the same twice, so that no version comes again.
        signed = json.dumps({"machine": platform.node(), "process": os.getpid(), "mark": uuid4().hex})
        version = self._objects.replace(self._name, signed, known)
        self._version = version or self._version
        return version is not None

    def _renew(self, ended: threading.Event) -> None:
        while not ended.wait(_BEAT):
            # A store that does not answer now may do so before the silence is too long.
            with suppress(OSError):
                if not self._take_from(self._version):
                    return

    def _let_go(self) -> None:
        with suppress(OSError):
            found = self._objects.get(self._name)
            if found and found[1] == self._version:
                self._objects.delete(self._name)


def _has_ended(holder: str) -> bool:
    """Whether the holder was a process of this machine and is no more."""
    try:
        signed = json.loads(holder)
        if signed["machine"] == platform.node():
            os.kill(signed["process"], 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, TypeError, KeyError):
        return False
    return False
