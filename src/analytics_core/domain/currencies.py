"""How a currency is written: trimmed, in capitals."""


def currency_code(written: str) -> str | None:
    """`written` without blanks around it and in capitals; None where nothing is left."""
    return written.strip().upper() or None
