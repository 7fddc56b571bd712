"""Tables in an object store, which many machines share."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO
from uuid import uuid4

from analytics_core.places.lease import Lease
from analytics_core.places.objects import Objects
from analytics_core.places.places import Seal

_LOCK = "lock.json"
_HOLDER = "turn"


class Bucket:
    """A place in an object store (see `Objects` for its URL)."""

    def __init__(self, url: str) -> None:
        self._objects = Objects(url)
        self._looked_at: dict[str, Seal] = {}

    def __str__(self) -> str:
        return self._objects.url

    def address(self, name: str) -> str:
        """The URL of an object."""
        return f"{self._objects.url}/{name}"

    def text(self, name: str) -> str | None:
        """An object's text, without the mark of who held the lock."""
        found = self._objects.get(name)
        document = json.loads(found[0]) if found else {}
        document.pop(_HOLDER, None)
        return json.dumps(document) if document else None

    def load(self, name: str) -> bytes | None:
        """An object's content."""
        return self._objects.load(name)

    def replace(self, name: str, content: bytes) -> None:
        """Make an object; a store shows it whole or not at all."""
        self._objects.put(name, content)

    def names(self, folder: str) -> list[str]:
        """The objects below a folder."""
        return sorted(self._objects.seals(folder))

    def seals(self, folder: str) -> dict[str, Seal]:
        """The objects below a folder with size and ETag."""
        return self._objects.seals(folder)

    def find_damage(self, folder: str, expected: Mapping[str, Seal]) -> str | None:
        """The first object that is not as expected; those that were looked at before are not looked at again."""
        named = {f"{folder}/{name}": seal for name, seal in expected.items()}
        if named.items() <= self._looked_at.items():
            return None
        found = {f"{folder}/{name}": seal for name, seal in self._objects.seals(folder).items()}
        for name, seal in named.items():
            if name not in found:
                return f"{self.address(name)} is missing"
            if found[name] != seal:
                return f"{self.address(name)} is damaged: its content is not what was written"
        self._looked_at |= named
        return None

    @contextmanager
    def write_lock(self, name: str) -> Iterator[Callable[[str], None]]:
        """The right to write, for as long as this process is alive to say so.

        A process that was given up for dead can wake up and go on. Therefore a lock begins with a mark of its own in
        the object that it may replace: who held the lock before no longer knows that object, and cannot.
        """
        with Lease(self._objects, _LOCK).hold():
            text, version = self._objects.get(name) or ("{}", None)
            own = uuid4().hex

            def replace(new: str) -> None:
                nonlocal version
                try:
                    marked = json.dumps({**json.loads(new), _HOLDER: own}, indent=1, sort_keys=True)
                except (ValueError, TypeError):  # what is there and has to be marked first
                    raise OSError(f"{self.address(name)} is damaged; restore it from a backup") from None
                version = self._objects.replace(name, marked, version)
                if version is None:
                    raise OSError("another import took over in the meantime; run this one again")

            replace(text)
            yield replace

    def put(self, path: str, write: Callable[[BinaryIO], object]) -> Seal:
        """Make a new object; it is in memory until it is whole."""
        content = BytesIO()
        write(content)
        size = content.tell()
        content.seek(0)
        return Seal(size, self._objects.create(path, content))

    def remove(self, name: str) -> None:
        """Delete an object and all below its name."""
        self._objects.delete(name)
