"""Parquet files written byte by byte, for what no library writes: pages and footers that claim anything."""

from dataclasses import dataclass

_MAGIC = b"PAR1"
_NUMBER, _TEXT, _LIST, _STRUCT = 5, 8, 9, 12


def unsigned(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    rest, written = number, bytearray()
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*written, rest])


def signed(number: int) -> bytes:
    return unsigned(number << 1 if number >= 0 else (-number << 1) - 1)


def struct(*fields: tuple[int, int, bytes]) -> bytes:
    """A structure of fields: number, type and value as written."""
    return b"".join(bytes([kind]) + signed(number) + value for number, kind, value in fields) + b"\0"


def number(place: int, value: int) -> tuple[int, int, bytes]:
    return place, _NUMBER, signed(value)


def text(place: int, value: str) -> tuple[int, int, bytes]:
    return place, _TEXT, unsigned(len(value)) + value.encode()


def inner(place: int, value: bytes) -> tuple[int, int, bytes]:
    return place, _STRUCT, value


def several(place: int, kind: int, *items: bytes) -> tuple[int, int, bytes]:
    return place, _LIST, bytes([0xF0 | kind]) + unsigned(len(items)) + b"".join(items)


@dataclass(frozen=True)
class Claims:
    """What is said of one column of one group of texts, of which there is one; None: what is right."""

    rows: int = 1
    values: int | None = None
    page_values: int | None = None
    unpacked: int | None = None
    groups: int = 1

    def written(self, name: str = "user_id", value: bytes = b"ann") -> bytes:
        """The file."""
        content = len(value).to_bytes(4, "little") + value
        values = self.rows if self.values is None else self.values
        in_page = values if self.page_values is None else self.page_values
        data = struct(number(1, in_page), number(2, 0), number(3, 3), number(4, 3))
        unpacked = len(content) if self.unpacked is None else self.unpacked
        page = struct(number(1, 0), number(2, unpacked), number(3, len(content)), inner(5, data)) + content
        metadata = struct(
            *(number(1, 6), several(2, _NUMBER, signed(0)), several(3, _TEXT, unsigned(len(name)) + name.encode())),
            *(number(4, 0), number(5, values), number(6, len(page)), number(7, len(page)), number(9, len(_MAGIC))),
        )
        chunk = struct(number(2, len(_MAGIC)), inner(3, metadata))
        group = struct(several(1, _STRUCT, chunk), number(2, len(page)), number(3, self.rows))
        schema = (
            struct(text(4, "schema"), number(5, 1)),
            struct(number(1, 6), number(3, 0), text(4, name), number(6, 0)),
        )
        footer = struct(
            *(number(1, 1), several(2, _STRUCT, *schema), number(3, self.rows * self.groups)),
            several(4, _STRUCT, *[group] * self.groups),
        )
        return _MAGIC + page + footer + len(footer).to_bytes(4, "little") + _MAGIC
