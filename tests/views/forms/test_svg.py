"""Slimmer pictures are the same pictures."""

from analytics_core.views.forms.svg import hatch, hatch_definitions, slim

FONT = """ font-family="Arial, 'Liberation Sans'\""""


def test_what_nobody_sees_goes() -> None:
    drawn = (
        f'<svg width="9"><g class="a" role="b" aria-label="1 &gt; > 0"><text{FONT} opacity="1">n</text>'
        f'<text{FONT} opacity="0">gone</text></g><g><path d="" display="none"/></g>'
        '<path d="M1.23456,2.5h-0.999999" fill="#000000"/></svg>'
    )
    assert slim(drawn) == (
        f'<svg{FONT} width="9"><g><text>n</text></g><path d="M1.23,2.5h-1.00" fill="#000000"/></svg>'
    )


def test_texts_stay_as_they_are() -> None:
    text = """ role="x" 1.23456 class="y" opacity="0\""""
    assert f">{text}<" in slim(f'<svg{FONT}><text role="x">{text}</text></svg>')


def test_stripes_are_defined_once_where_they_are_used() -> None:
    assert hatch_definitions("<path/>") == ""
    used = f'<path fill="{hatch("#0072B2")}"/>' * 2
    assert hatch_definitions(used).count("<pattern") == 1
