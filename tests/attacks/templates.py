"""Templates that try to reach a file, an object behind a value, or to keep the page busy."""

from collections.abc import Mapping


def _nest(begin: str, inside: str, end: str, times: int) -> str:
    return begin * times + inside + end * times


_DOUBLE = "{% assign a = a | append: a %}"
_CAPTURE = "{% capture a %}{{ a }}{{ a }}{% endcapture %}"

TEMPLATES: Mapping[str, str] = {
    # Files
    "a file is included": "{% include '/etc/passwd' %}",
    "a file is included by a name": "{% assign f = '../../etc/passwd' %}{% include f %}",
    "a file is included for each": "{% include 'a' for user.orders as x %}",
    "a file is rendered": "{% render '/proc/self/environ' %}",
    "a template is extended": "{% extends '/etc/passwd' %}{% block a %}x{% endblock %}",
    "a module is imported": "{% import 'os' as os %}{{ os.environ }}",
    "a snippet inside a liquid tag": "{% liquid\nassign f = '/etc/passwd'\ninclude f\nrender f\n%}",
    "another engine's file": "<%= File.read('/etc/passwd') %>${T(java.lang.Runtime)}#{7*7}{{7*7}}",
    # Objects
    "a class": "{{ user.__class__.__mro__ }}{{ user['__class__'] }}",
    "subclasses": "{{ ''.__class__.__base__.__subclasses__ }}",
    "globals": "{{ user.first_name.__init__.__globals__ }}",
    "a method": "{{ user.keys }}{{ user.items }}{{ user.orders.append }}{{ user.first_name.upper }}",
    "an attribute by a filter": "{{ user.orders | map: '__class__' }}",
    "an attribute to sort by": "{{ user.orders | sort: '__class__' | where: '__doc__', 'x' }}",
    "an attribute to add up": "{{ user.orders | sum: '__len__' }}",
    "an attribute to find by": "{{ user.orders | find: '__class__', 'x' }}{{ user.orders | has: '__dict__' }}",
    "the template itself": "{{ self }}{{ template }}{{ env }}{{ environment }}{{ context }}{{ globals }}",
    "a loop's inside": "{% for a in user.orders %}{{ forloop.parentloop.__class__ }}{% endfor %}",
    "a loop over a loop": "{% for a in user.orders %}{% for b in forloop %}{{ b }}{% endfor %}{% endfor %}",
    "an object as a text": "{{ user }}{{ user.orders }}",
    "an object that is no JSON": "{{ odd }}{{ odd.secret }}{{ odd['secret'] }}{{ odd | map: 'secret' }}{{ odd.size }}",
    "a mapping that is watched": "{{ watched.secret }}{{ watched.hidden }}{{ watched | map: 'hidden' }}",
    # Work
    "loops in loops": _nest("{% for a in user.many %}", "x", "{% endfor %}", 18),
    "a loop over a text": "{% for a in user.long limit: 999999999 offset: 999999999999 %}{{ a }}{% endfor %}",
    "a table": "{% tablerow a in user.many cols: 999999999999 limit: 99999999 %}{{ a }}{% endtablerow %}",
    "a text that doubles": "{% assign a = 'xxxxxxxxxx' %}" + _DOUBLE * 60 + "{{ a }}",
    "a captured text that doubles": "{% assign a = 'xxxxxxxxxx' %}" + _CAPTURE * 60 + "{{ a }}",
    "a list that doubles": "{% assign l = 'a,b,c,d' | split: ',' %}"
    + "{% assign l = l | concat: l %}" * 60
    + "{{ l.size }}",
    "a list that is sorted": "{{ user.many | sort_natural | uniq | reverse | sort | compact | join: 'x' }}" * 200,
    "a text between all signs": "{{ user.long | replace: '', user.long }}",
    "a text that is split": "{{ user.long | split: '' | join: user.long }}",
    "a long truncation": "{{ user.long | truncate: 99999999999, user.long | truncatewords: 99999999999 }}",
    "a slice": "{{ user.long | slice: -99999999999999, 99999999999999 }}",
    "a number that grows": "{% assign n = 9 %}" + "{% assign n = n | times: n %}" * 60 + "{{ n }}",
    "a number with many digits": "{{ '"
    + "9" * 390
    + "' | times: 1 }}{{ 1 | divided_by: 0 }}{{ 1.5 | round: 999999999 }}",
    "counters": "{% increment a %}{% decrement b %}{% cycle 'a', 'b', 'c' %}" * 160,
    "many cases": "{% case user.first_name %}" + "{% when 'a' or 'b' %}x" * 480 + "{% endcase %}",
    "many conditions": "{% if a %}" + "{% elsif a contains 'x' %}" * 480 + "{% endif %}",
    "conditions in conditions": _nest("{% if user %}", "x", "{% endif %}", 240),
    "indexes in indexes": "{{ " + _nest("user[", "'a'", "]", 300) + " }}",
    "many lines of a liquid tag": "{% liquid\n" + "assign a = a | append: 'xxxxxxxx'\n" * 55 + "%}{{ a }}",
    "decoded again and again": "{{ user.long | base64_encode " + "| base64_encode | base64_decode " * 50 + "}}",
    "escaped again and again": "{{ user.markup " + "| escape | url_encode " * 60 + "}}",
    "markup that is looked through": "{{ user.markup | strip_html | newline_to_br | escape_once | strip_newlines }}"
    * 90,
    # The moment, and what is not closed
    "the moment": "{{ 'now' | date: '%s' }}{{ 'today' | date: '%H' }}{{ now }}{{ today }}",
    "a format of a date": "{{ '2026-01-01' | date: '%" + "999999999" + "d%n%t%c%Z' }}",
    "what is not closed": "{% raw %}{{ user.first_name }}{% comment %}{% doc %}{% if user %}{% capture x %}",
    "what is closed too often": "{% endfor %}{% endif %}{% endraw %}{% endcomment %}{% else %}",
    "comments in comments": _nest("{% comment %}", "x", "{% endcomment %}", 200),
    "signs that hide": "{{ user.first\u200b_name }}{{\x00 user }}{% \u202eassign a = 1 %}{{ \ud83d }}",
}
