"""Numbers as a file spells them: with a decimal comma, with something between the thousands."""

import re
from dataclasses import dataclass

import polars as pl

_ALIKE = {" ": " \u00a0\u202f", "'": "'\u2019"}
"""What programs put between the thousands where a person types something plainer."""


@dataclass(frozen=True, slots=True)
class NumberSpelling:
    """How numbers are spelled.

    Attributes:
        decimal: what stands before the decimals.
        thousands: what stands between groups of three digits; None: nothing.
    """

    decimal: str = "."
    thousands: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether that is how everything else spells them too."""
        return self.decimal == "." and self.thousands is None

    @property
    def _between(self) -> str:
        return f"[{_ALIKE.get(self.thousands, self.thousands)}]" if self.thousands else ""

    @property
    def _pattern(self) -> str:
        """A regular expression of whole cells, in what Python and Rust have in common."""
        groups = f"[0-9]{{1,3}}(?:{self._between}[0-9]{{3}})+|" if self.thousands else ""
        point = re.escape(self.decimal)
        return rf"[ \t]*[+-]?(?:(?:{groups}[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]{{1,4}})?[ \t]*"

    def read(self, text: str) -> str | None:
        """The number with a decimal point and nothing between its digits; None where the text is none."""
        if not re.fullmatch(self._pattern, text):
            return None
        whole = text.strip(" \t")
        return (re.sub(self._between, "", whole) if self.thousands else whole).replace(self.decimal, ".")

    def read_column(self, cell: pl.Expr) -> pl.Expr:
        """The same of a column; null where a text is none."""
        whole = cell.str.strip_chars(" \t")
        if self.thousands:
            whole = whole.str.replace_all(self._between, "")
        if self.decimal != ".":
            whole = whole.str.replace_all(self.decimal, ".", literal=True)
        return pl.when(cell.str.contains(f"^(?:{self._pattern})$")).then(whole)
