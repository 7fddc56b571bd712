"""Numbers of people by their shape: telephones, social security, payment cards, bank accounts.

Dates, instants, amounts and counts have other shapes and stay.
"""

import re

_BLANK = " \N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_DASH = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}"
_BETWEEN = rf"[{_BLANK}{_DASH}./()-]"
_PLUS = r"(?:\+|%2[bB]|\N{FULLWIDTH PLUS SIGN})"
_NO_DATE = r"(?!\d\d([./-])\d\d\1(?:\d{4}|\d\d)(?![\d./-]))"
_NINE_DIGITS = r"(?=(?:\D{0,3}\d){9,13}(?!\d))"

NUMBERS = (
    re.compile(rf"(?<!\d){_PLUS}\(?\d(?:{_BETWEEN}{{0,3}}\d){{7,14}}(?!\d)"),  # telephone with its country
    re.compile(rf"(?<![\w.,])00[1-9](?:{_BETWEEN}{{0,3}}\d){{8,13}}(?!\d)"),
    re.compile(
        rf"(?<![\d.,:/])(?<!\d-)\(?{_NO_DATE}{_NINE_DIGITS}0[1-9]\d{{0,4}}\)?(?:{_BETWEEN}{{1,3}}\d{{2,8}}){{1,5}}(?!\d)"
    ),
    re.compile(r"(?<![\w.,])0[1-9]\d{8,11}(?![\w.])"),
    re.compile(rf"(?<![\w.])\(?\d{{3}}\)?{_BETWEEN}{{1,2}}\d{{3}}{_BETWEEN}\d{{4}}(?!\d)"),  # North America
    re.compile(r"(?<![\w.,])(?<!\d-)[2-9]\d{2}[2-9]\d{6}(?![\w-])(?!\.\d)"),
    re.compile(r"(?<![\w.,])[6-9]\d{4}[ -]\d{5}(?!\d)"),  # India
    re.compile(rf"(?<!\d)\d{{3}}([ {_DASH}-])\d{{2}}\1\d{{4}}(?!\d)"),  # social security, USA
    re.compile(r"(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z0-9])"),  # UK
    re.compile(r"(?<!\d)\d\d ?\d{6} ?[A-Z] ?\d{3}(?!\d)"),  # Germany
    re.compile(r"(?<!\d)756\.\d{4}\.\d{4}\.\d{2}(?!\d)"),  # Switzerland
    re.compile(r"(?<!\d)[12] \d\d \d\d \d[\dAB] \d{3} \d{3}(?: \d\d)?(?!\d)"),  # France
    re.compile(r"(?<![\d.])(?:(?:\d{4}[ -]){3}\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5})(?!\d)"),  # payment card
    # Digits without a blank, but no instant in thousandths or millionths of a second.
    re.compile(r"(?<![\d.])(?!1[4-9]\d{11}(?:\d{3})?(?!\d))\d{13,19}(?!\d)"),
    re.compile(  # bank account
        r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=(?:[A-Za-z ]{0,8}\d){8})(?: ?[A-Za-z0-9]{4}){3,7}(?: ?[A-Za-z0-9]{1,3})?"
        r"(?![A-Za-z0-9])"
    ),
)
"""Every one starts where no digit stands before, and has a bounded length."""


def mask_numbers(text: str, mask: str) -> str:
    """`text` with `mask` in the place of every number of a person."""
    for shape in NUMBERS:
        text = shape.sub(mask, text)
    return text
