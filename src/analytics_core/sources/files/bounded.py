"""Bytes of a file that may be anything: no line is endless, and nothing unpacks to many times what it is."""

import io
from typing import IO

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.rows.texts import CUT_OFF

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of a line; what is beyond is passed over, and the line is marked as cut off."""
MOST_TIMES = 200
"""How many times as large as it is packed a file may become, where it becomes large at all."""

AS_TEXT = "write its rows as CSV or JSON lines and import those"
"""What to do with a file of a form that is packed in itself."""

_LARGE = 64 * 1024 * 1024
_BLOCK = 1024 * 1024
_MARK = CUT_OFF.encode(errors="surrogateescape")


def most_unpacked(packed: int) -> int:
    """Bytes that a file of so many packed ones may become."""
    return max(_LARGE, MOST_TIMES * packed)


def require_bound(name: str, packed: int, unpacked: int, instead: str = "unpack it and import what comes out") -> None:
    """Refuse a file of so many packed bytes that unpacks to too many.

    Raises:
        UnreadableInputError: it does; the text calls it `name` and says what would do `instead`.
    """
    if unpacked > most_unpacked(packed):
        raise UnreadableInputError(
            f"{name}: unpacks to more than {MOST_TIMES} times its size, as no export does; "
            f"if it is right all the same, {instead}"
        )


class BoundedBytes(io.BufferedIOBase):
    """What a file holds, from where it stands.

    Args:
        file: the bytes, unpacked.
        name: what errors call it.
        packed: bytes of the file as it is on disk; None where it is not packed.
    """

    def __init__(self, file: IO[bytes], name: str, packed: int | None) -> None:
        self._file, self._name, self._packed = file, name, packed
        self._line = self._all = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes or fewer; none at the end."""
        while block := self._count(self._file.read(_BLOCK if size is None or size < 0 else size)):
            if kept := self._cut(block):
                return kept + self.read() if size is None or size < 0 else kept
        return b""

    def read1(self, size: int = -1, /) -> bytes:
        """The same, at once."""
        return self.read(_BLOCK if size < 0 else size)

    def readline(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - part of the protocol; lines are read whole
        """The rest of the line with its end."""
        room = max(LONGEST_LINE - self._line, 0)
        line = self._count(self._file.readline(room + 1))
        if line.endswith(b"\n") or len(line) <= room:
            self._line = 0
            return line
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = self._count(self._file.readline(_BLOCK))
        marked = line[:room] + (_MARK if self._line <= LONGEST_LINE else b"") + (b"\n" if rest else b"")
        self._line = 0
        return marked

    def _count(self, block: bytes) -> bytes:
        self._all += len(block)
        if self._packed is not None:
            require_bound(self._name, self._packed, self._all)
        return block

    def _cut(self, block: bytes) -> bytes:
        """A block without what is beyond the bound of a line."""
        if self._line + len(block) <= LONGEST_LINE:
            end = block.rfind(b"\n")
            self._line = self._line + len(block) if end < 0 else len(block) - end - 1
            return block
        kept: list[bytes] = []
        for part in _split(block):
            text = part.removesuffix(b"\n")
            room = LONGEST_LINE - self._line
            kept.append(text if len(text) <= room else text[: max(room, 0)] + (_MARK if room >= 0 else b""))
            self._line += len(text)
            if len(text) < len(part):
                kept.append(b"\n")
                self._line = 0
        return b"".join(kept)


def _split(block: bytes) -> list[bytes]:
    """The lines of a block with their ends, which are line feeds only."""
    lines = [line + b"\n" for line in block.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return [line for line in lines if line]
