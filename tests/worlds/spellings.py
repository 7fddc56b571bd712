"""Raw JSON values a hostile export may hold, and names that look alike but differ."""

import json

USERS = (
    "ann",
    "Ann",
    "ann ",
    "007",
    "7",
    "null",
    "NaN",
    "zoë",
    "zoe\u0308",
    "1e3",
    "true",
    "陳大文",
    '=cmd|"x"',
    "a,b",
)
CAMPAIGN_IDS = ("alpha", "Alpha", "beta-2", "beta-10", "ünï ☕", "\U0001f600", "\uffee", "null")
INSTANCE_IDS = ("mon", "tue", "7", "07", "10", "9", "ñ")
EVENT_NAMES = ("Order Placed", "order placed", "Seen", "Ünlü \U0001f600", "a.b['c']")
TIMEZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia")

ATTRIBUTES = ("category", "qty", "a.b", "prix €", "it's", 'say "x"', "$.x[0]", "")
VALUES = (
    '"shoes"',
    '"Shoes"',
    '"running shoes"',
    '""',
    '"1"',
    "1",
    "1.0",
    "true",
    "false",
    "null",
    '["shoes", 1]',
    '["shoes", 1.0]',
    '["shoes", true]',
    "[]",
    '{"a": 1, "b": [null, "x"]}',
    '{"b": [null, "x"], "a": 1.0}',
    "{}",
    "9007199254740993",
    "9007199254740992",
    "123456789012345678901234567890",
    "0.1",
    '"0.1"',
    '"NaN"',
    '"1e2"',
    '" 100 "',
    "100",
    "-0.0",
    "0",
    '"\\u00e9"',
    '"e\\u0301"',
    '"null"',
    '"[]"',
)
LOOKALIKES = (
    "1",
    "1.0",
    "1e0",
    '"1"',
    '"1"',
    '"1.0"',
    '"1e0"',
    '" 1"',
    '"1\\n"',
    '"+1"',
    '"01"',
    '"1."',
    '"\\u0661"',
    "0",
    "-0.0",
    '"-0"',
    '"0.0"',
    '".0"',
    "true",
    '"true"',
    '"True"',
    '"true "',
    "false",
    '"false"',
    '["1"]',
    "[1]",
    "9007199254740993",
    '"9007199254740993"',
    '"9007199254740992.0"',
)
"""Numbers and booleans, the texts that say the same, and those that nearly do."""
EXTREME_VALUES = ("1e999", '"1e999"', '"-inf"', '"Infinity"', "1e-400", "9007199254740993.5", '"\\ud83d\\ude00"')

MONEY = (
    "12.5",
    '"12.50"',
    '" 7 "',
    "100",
    "0",
    "-3.25",
    '"+.5"',
    '"5."',
    "0.000001",
    "19.99",
    '"1e2"',
    "2.5E+1",
)
HOSTILE_MONEY = (
    "0.1234567",
    "1.0000005",
    "1.0000015",
    "-1.0000005",
    "0.00000050",
    "2.5000000000",
    "1E-7",
    "1e-400",
    "9007199254740993",
    '"9007199254740993.000001"',
    "999999999999999999999.999999",
    "999999999999999999999.9999999",
    "999999999999999999999.99999999",
    "-0.0000005",
    "12345678901234567890.1234565",
    "1e21",
    "-1e21",
    "1e999",
    '"1e999"',
    '"NaN"',
    '"Infinity"',
    '"-inf"',
    '""',
    '"."',
    '"1,000"',
    '"1_000"',
    '"0x10"',
    '"1.50 USD"',
    '"- 1"',
    "true",
    "null",
    "[1]",
    '{"amount": 1}',
    "-0.0",
)
CURRENCIES = (
    '"USD"',
    '"\\u0055SD"',
    '"€"',
    '"EUR"',
    '"usd"',
    '" Usd\\t"',
    '"eur "',
    '"US D"',
    '""',
    '"  "',
    "null",
    "5",
    '["USD"]',
)
GOAL_CURRENCIES = (None, None, "USD", "EUR", "€", " usd", "Eur ", "", "  ")


def twins(value: object) -> list[str]:
    """The value as JSON, the text that says it or what it says, and some that nearly do."""
    text = json.dumps(value)
    if isinstance(value, list):
        return [text, json.dumps(text), json.dumps([one if isinstance(one, str) else json.dumps(one) for one in value])]
    if not isinstance(value, str):
        return [text, json.dumps(text), json.dumps(f"{text} "), f"[{text}]", json.dumps([text])]
    if not says_a_value(value):
        return [text, text, json.dumps(f" {value}"), json.dumps([value])]
    return [value, value, text, json.dumps(f"{value}e0"), json.dumps(f" {value}"), json.dumps([value]), f"[{value}]"]


def says_a_value(text: str) -> bool:
    try:
        return type(json.loads(text)) in {int, float, bool} and text[-1] not in "yN"  # NaN and Infinity are no JSON
    except ValueError:
        return False
