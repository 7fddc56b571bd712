"""How much of a file has been read, for whoever watches an import."""

from collections.abc import Callable, Iterator, Sequence
from typing import IO, TypeVar

_Item = TypeVar("_Item")


class FileProgress:
    """How much of one file has been read: by its bytes where it is read as a stream, else by rows or events of all.

    Args:
        size: bytes of the file as it is on disk.
    """

    def __init__(self, size: int = 0) -> None:
        self.size = size
        self._share: Callable[[], float] = lambda: 0.0

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1; it does not fall while a file is read once."""
        return min(self._share(), 1.0)

    def follow(self, file: IO[bytes]) -> None:
        """Go by the place in the file on disk, before anything is uncompressed; one that is closed was read."""
        self._share = lambda: 1.0 if file.closed else file.tell() / max(self.size, 1)

    def reach(self, part: int, whole: int) -> None:
        """Go by `part` of `whole` rows or events having been read."""
        self._share = lambda: part / max(whole, 1)

    def over(self, items: Sequence[_Item]) -> Iterator[_Item]:
        """The `items`, each of which is as much of the file as any other."""
        for number, item in enumerate(items, 1):
            self.reach(number, len(items))
            yield item
