"""Parquet files from outside: what they would unpack to, as the headers of their pages say, without unpacking one."""

from collections.abc import Iterator, Mapping
from io import BufferedReader
from typing import Any

from analytics_core.domain.errors import UnreadableInputError
from analytics_core.sources.files.bounded import AS_TEXT, require_bound
from analytics_core.sources.files.files import SourceFile, naming

VALUE = 8
"""Bytes that a value takes in memory, at least, however few it takes in the file."""

_MAGIC = b"PAR1"
_TAIL = 8
"""Bytes at the end: the length of the footer, and the mark."""
_HEADER, _LONGEST_HEADER = 1 << 10, 1 << 24
"""Bytes among which the header of a page is looked for: at first, and at most."""
_LONG = 15
"""In the head of a list: its size follows."""
_DICTIONARY = (2, 8)
"""Encodings of pages whose values are numbers of those in the dictionary."""

_Wanted = Mapping[int, Any]
"""By number of a field of a structure, what is wanted of the structures in it."""

# The numbers of fields, by the structure they are of.
_FOOTER_GROUPS, _GROUP_CHUNKS, _GROUP_ROWS, _CHUNK_METADATA = 4, 1, 3, 3
_METADATA_VALUES, _METADATA_DATA, _METADATA_DICTIONARY = 5, 9, 11
_PAGE_UNPACKED, _PAGE_PACKED, _PAGE_DATA, _PAGE_DICTIONARY, _PAGE_DATA_2 = 2, 3, 5, 7, 8
_DATA_VALUES, _DATA_ENCODING, _DATA_2_ENCODING = 1, 2, 4

_METADATA: _Wanted = dict.fromkeys((_METADATA_VALUES, _METADATA_DATA, _METADATA_DICTIONARY))
_FOOTER: _Wanted = {_FOOTER_GROUPS: {_GROUP_CHUNKS: {_CHUNK_METADATA: _METADATA}, _GROUP_ROWS: None}}
_PAGE: _Wanted = {
    **dict.fromkeys((_PAGE_UNPACKED, _PAGE_PACKED)),
    _PAGE_DATA: dict.fromkeys((_DATA_VALUES, _DATA_ENCODING)),
    _PAGE_DICTIONARY: {_DATA_VALUES: None},
    _PAGE_DATA_2: dict.fromkeys((_DATA_VALUES, _DATA_2_ENCODING)),
}


def require_bounded(source: SourceFile) -> int:
    """Refuse a file that would unpack to many times its size; its size.

    Raises:
        UnreadableInputError: it does, has more rows than values, or its headers cannot be read.
    """
    with naming(source.name), source.path.open("rb") as file:
        size, unpacked = file.seek(0, 2), 0
        try:
            for group in _read_footer(file, size).get(_FOOTER_GROUPS, ()):
                for chunk in group[_GROUP_CHUNKS]:
                    for page in _pages(file, chunk[_CHUNK_METADATA], group[_GROUP_ROWS]):
                        unpacked += page
                        require_bound(source.name, size, unpacked, AS_TEXT)
        except UnreadableInputError:
            raise
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            raise UnreadableInputError(f"{source.name}: is damaged or not a readable Parquet file") from error
    return size


def _read_footer(file: BufferedReader, size: int) -> dict[int, Any]:
    file.seek(max(size - _TAIL, 0))
    tail = file.read(_TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or length > size - _TAIL:
        raise ValueError("no Parquet file")
    file.seek(size - _TAIL - length)
    return _Thrift(file.read(length)).read_struct(_FOOTER)


def _pages(file: BufferedReader, metadata: Mapping[int, int], rows: int) -> Iterator[int]:
    """What each page of one column of a group of rows takes in memory, at least."""
    place, left, longest = metadata[_METADATA_DATA], metadata[_METADATA_VALUES], VALUE
    if 0 < metadata.get(_METADATA_DICTIONARY, 0) < place:
        place = metadata[_METADATA_DICTIONARY]
    if not 0 <= rows <= left:
        raise ValueError("more rows than values")
    while left > 0:
        page, place = _read_header(file, place)
        unpacked = page[_PAGE_UNPACKED]
        if _PAGE_DICTIONARY in page:
            longest = max(unpacked // max(page[_PAGE_DICTIONARY][_DATA_VALUES], 1), VALUE)
        data = page.get(_PAGE_DATA) or page.get(_PAGE_DATA_2) or {_DATA_VALUES: 0}
        values, encoding = data[_DATA_VALUES], data.get(_DATA_ENCODING if _PAGE_DATA in page else _DATA_2_ENCODING)
        yield max(unpacked, values * (longest if encoding in _DICTIONARY else VALUE))
        left -= max(values, 0)


def _read_header(file: BufferedReader, place: int) -> tuple[dict[int, Any], int]:
    """The header of the page at a place of the file, and the place of the next one."""
    size = _HEADER
    while True:
        file.seek(place)
        thrift = _Thrift(file.read(size))
        try:
            page = thrift.read_struct(_PAGE)
        except IndexError:
            if len(thrift.content) < size or size >= _LONGEST_HEADER:
                raise
            size *= 8
            continue
        if page[_PAGE_UNPACKED] < 0 or page[_PAGE_PACKED] < 0:
            raise ValueError("no page")
        return page, place + thrift.place + page[_PAGE_PACKED]


class _Thrift:
    """Structures in Thrift's compact protocol; an IndexError where they are cut short."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def read_struct(self, wanted: _Wanted) -> dict[int, Any]:
        """What comes next: by their numbers, the fields that are wanted."""
        found, number = {}, 0
        while kind := (head := self._byte()) & 0xF:
            number = number + (head >> 4) if head >> 4 else self._number()
            if number in wanted:
                found[number] = self._value(kind, wanted[number])
            else:
                self._skip(kind)
        return found

    def _value(self, kind: int, wanted: _Wanted) -> Any:  # noqa: ANN401 - a number, a structure, or a list of them
        match kind:
            case 4 | 5 | 6:
                return self._number()
            case 9 | 10:
                size, inner = self._list()
                return [self._value(inner, wanted) for _ in range(size)]
            case 12:
                return self.read_struct(wanted)
            case _:
                raise ValueError("of another type")

    def _skip(self, kind: int) -> None:
        match kind:
            case 1 | 2:  # a truth, which the kind itself says
                pass
            case 4 | 5 | 6:
                self._varint()
            case 3 | 7 | 13:
                self.place += {3: 1, 7: 8, 13: 16}[kind]
            case 8:
                size = self._varint()
                self.place += size
            case 9 | 10:
                self._skip_items(*self._list())
            case 11:
                size = self._varint()
                kinds = self._byte() if size else 0
                self._skip_items(size, kinds >> 4, kinds & 0xF)
            case 12:
                self.read_struct({})
            case _:
                raise ValueError("of no known type")

    def _skip_items(self, size: int, *kinds: int) -> None:
        for _ in range(size):
            for kind in kinds:
                # Among others a truth takes a byte.
                self._skip(3 if kind in (1, 2) else kind)
            if self.place > len(self.content):
                raise IndexError("cut short")

    def _list(self) -> tuple[int, int]:
        size, kind = divmod(self._byte(), 16)
        return (self._varint() if size == _LONG else size), kind

    def _number(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _varint(self) -> int:
        number = 0
        for shift in range(0, 64, 7):
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
                return number
        raise ValueError("too long a number")

    def _byte(self) -> int:
        self.place += 1
        return self.content[self.place - 1]
