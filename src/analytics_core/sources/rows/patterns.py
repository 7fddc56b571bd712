"""Regular expressions (Rust's dialect, linear time) of JSON that needs no unescaping and nests at most twice.

Text that matches is valid JSON, and every quotation mark in it opens or closes a string, in turns.
"""

SPACE = r"[ \t\r\n]*"
STRING = r'"[^"\\\x00-\x1f]*"'
WHOLE_NUMBER = r"-?(?:0|[1-9][0-9]*)"
NUMBER = rf"{WHOLE_NUMBER}(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
SCALAR = rf"(?:{STRING}|{NUMBER}|true|false|null)"


def _list_of(item: str, space: str) -> str:
    spaced = f"{space}{item}{space}"
    return f"(?:{spaced}(?:,{spaced})*|{space})"


def object_of(members: str) -> str:
    """An object of any number of `members`."""
    return r"\{" + _list_of(members, SPACE) + r"\}"


def member(key: str, value: str) -> str:
    """A key and its value."""
    return f"{key}{SPACE}:{SPACE}{value}"


def _nest(space: str) -> str:
    def flat(value: str) -> str:
        return r"\{" + _list_of(f"{STRING}{space}:{space}{value}", space) + r"\}"

    return flat(rf"(?:{SCALAR}|\[{_list_of(SCALAR, space)}\]|{flat(SCALAR)})")


OBJECT = _nest(SPACE)
"""An object of scalars, lists of scalars and flat objects."""

DENSE_OBJECT = _nest("")
"""The same without white space between tokens."""

DENSE_KEY = f"{STRING}:"

LOOSE = ('": ', ', "')
"""Where writers like to put a blank. Where the quotation mark of the first closes a string, or that of the second
opens one, the blank lies between tokens and can go."""

AMBIGUOUS = r"""[{\[,: ]": |, "[,:}\]]"""
"""Found wherever it is the other way round: an opening mark follows punctuation, a closing one precedes it."""
