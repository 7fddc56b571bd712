"""Sixty texts that somebody might put where a name belongs, each to run, to break out, or to push the page apart."""

from collections.abc import Iterator

_MARK = "document.body.dataset.ran=1"
_SCRIPTS = (
    f"<script>{_MARK}</script>",
    f"</script><script>{_MARK}</script>",
    f"</style><script>{_MARK}</script>",
    f"</title><script>{_MARK}</script>",
    f"</textarea><script>{_MARK}</script>",
    f"--><script>{_MARK}</script>",
    f"]]><script>{_MARK}</script>",
    f"<scr<script>ipt>{_MARK}</scr</script>ipt>",
    f"&lt;script&gt;{_MARK}&lt;/script&gt;",
    f"<svg><script>{_MARK}</script></svg>",
    f"<math><mtext><script>{_MARK}</script></mtext></math>",
    f"<iframe srcdoc='<script>parent.{_MARK}</script>'></iframe>",
    f"<object data='javascript:{_MARK}'></object>",
    f"<embed src='javascript:{_MARK}'>",
    f"<a href='javascript:{_MARK}'>Sale</a>",
    f"[Sale](javascript:{_MARK})",
    f"![Sale](x onerror={_MARK})",
    f"<form action='javascript:{_MARK}'><button>Sale</button></form>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_MARK}'>",
    "<base href='https://elsewhere.example/'>",
    "<link rel=stylesheet href='https://elsewhere.example/x.css'>",
    "<style>@import 'https://elsewhere.example/x.css'; .ca-explorer, main { display: none }</style>",
    "<img src='https://elsewhere.example/x.png'>",
    "<video poster='https://elsewhere.example/x.png'>",
)
_HANDLERS = tuple(
    f"<{tag} {event}={_MARK}>"
    for tag, event in (
        ("img src=x", "onerror"),
        ("svg", "onload"),
        ("body", "onpageshow"),
        ("input autofocus", "onfocus"),
        ("details open", "ontoggle"),
        ("video><source", "onerror"),
        ("marquee", "onstart"),
        ("style", "onload"),
        ("a href=# style=position:fixed;inset:0", "onmouseover"),
        ("button autofocus", "onfocus"),
    )
)
_ATTRIBUTES = (
    f'" onmouseover="{_MARK}',
    f"' onmouseover='{_MARK}",
    f'"><img src=x onerror="{_MARK}">',
    f"x` onload=`{_MARK}",
    f'" autofocus onfocus="{_MARK}" x="',
)
_EXPRESSIONS = (
    "datum.constructor.constructor('document.body.dataset.ran=1')()",
    "${document.body.dataset.ran=1}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in (1..9) %}{{ x }}{% endfor %}",
    "#{7*7}",
    '=HYPERLINK("https://elsewhere.example","Sale")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "%s%n%x",
)
_STRANGE = (
    "\N{RIGHT-TO-LEFT OVERRIDE}elas gnirpS",
    "\N{RIGHT-TO-LEFT ISOLATE}Sale\N{LEFT-TO-RIGHT OVERRIDE}",
    "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER LAM}\N{ARABIC LETTER AIN}\N{ARABIC LETTER YEH}\N{ARABIC LETTER DAL} 50%",
    "\x1b[31mSale\x1b[0m\x1b]0;title\x07",
    "Sale\x07\x08\x7f",
    "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}Sale\N{SOFT HYPHEN}",
    "\N{GRINNING FACE}" * 60,
    "Z" + "\N{COMBINING ACUTE ACCENT}\N{COMBINING GRAVE ACCENT}" * 120,
    "W" * 256,
    "Spring sale " * 21,
    "a\nb\tc\r\nd",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "null",
)


def list_hostile_texts() -> Iterator[str]:
    """All of them, each once."""
    yield from dict.fromkeys((*_SCRIPTS, *_HANDLERS, *_ATTRIBUTES, *_EXPRESSIONS, *_STRANGE))
