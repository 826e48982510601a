"""Random rule sets and facts for comparing engines, dense where durable_rules has its faults."""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.engine.expressions import Expressions
from tests.engine.specimen import Facts

EDGES = (0, 1, 2, 7, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1)
INTEGERS = st.sampled_from([*EDGES, *(-edge for edge in EDGES), -(2**63)])
SMALL = st.sampled_from([0, 1, 2, 7, -1, 2**31 - 1, -(2**31)])
UNSIGNED = st.sampled_from([*EDGES, 2**63, 2**64 - 1])
ODD = "ab\"'\\/{}[]:,~\x00\x01\t\n\r\x7fé𝄞\u4e2d\u0301\u2028\ufeff\U0010ffff"
STRINGS = st.one_of(
    st.sampled_from(["", "a", "ab", "abc", "true", "null", "5", '"', "\\", "~" * 1001, "a" * 1000]),
    st.text(st.sampled_from(ODD), max_size=6),
    st.sampled_from([997, 1000, 65_533, 65_536]).map(lambda size: "abc" + "z" * size),
)
COLORS = st.sampled_from([0, 1, 2])
TAGS = st.lists(st.sampled_from(["DE", "a", ""]), max_size=3)
FIELDS = {
    "flag": st.booleans(),
    "count": SMALL,
    "total": INTEGERS,
    "quota": UNSIGNED,
    "name": STRINGS,
    "color": COLORS,
    "ratio": st.sampled_from([0.0, 1.5, 1e-7, 1e300]),
}
IS_KNOWN = st.integers(0, 3)  # three of four fields are
SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
OWNERS = ("thing", "thing.inner")
OVER = st.sampled_from(["", "", "", "items", "thing.tags"])
OF_A_TAG = st.sampled_from(['e == "DE"', 'e != "a"'])


@dataclass(frozen=True)
class Drawn:
    """A rule set in text: see building.rule_set."""

    rules: dict[str, str]
    facts: dict[str, str]
    constants: dict[str, str]
    each: dict[str, tuple[str, str]]


def quoted(text: str) -> str:
    """Write any string as a CEL literal."""
    return '"' + "".join(f"\\U{ord(each):08x}" for each in text) + '"'


@st.composite
def _comparison(draw: Any, owner: str) -> str:
    field, literals = draw(
        st.sampled_from(
            [
                ("count", SMALL.map(str)),
                ("total", INTEGERS.filter(lambda n: n > -(2**63)).map(str)),
                ("quota", UNSIGNED.map(lambda n: f"{n}u")),
            ]
        )
    )
    sign, literal = draw(SIGNS), draw(literals)
    if draw(st.booleans()):
        return f"{literal} {MIRRORED[sign]} {owner}.{field}"
    return f"{owner}.{field} {sign} {literal}"


@st.composite
def _membership(draw: Any, owner: str) -> str:
    field, literals = draw(
        st.sampled_from(
            [
                ("total", SMALL.map(str)),
                ("name", STRINGS.map(lambda s: quoted(s[:1001]))),
                ("color", st.sampled_from(["COLOR_RED", "COLOR_BLUE"])),
            ]
        )
    )
    return f"{owner}.{field} in [{', '.join(draw(st.lists(literals, min_size=1, max_size=18)))}]"


def _atoms(owner: str) -> st.SearchStrategy[str]:
    text = STRINGS.map(lambda s: quoted(s[:1001]))
    fixed = [
        f"{owner}.flag",
        f"!{owner}.flag",
        f"{owner}.flag == true",
        f"{owner}.flag != false",
        f"{owner}.color == COLOR_RED",
        f"{owner}.color != COLOR_BLUE",
        f"{owner}.count < limit",
        f"{owner}.name == home",
        f"{owner}.name in countries",
        f"has({owner}.total)",
        f"{owner}.ratio > 1.5",
        f"10 / {owner}.count > 1",
        f"{owner}.count > {owner}.total",
        f'{owner}.name.matches("^a")',
        f'{owner}.name < "b"',
        "known",
        "!known",
        "sum < 9",
        "true",
    ]
    return st.one_of(
        _comparison(owner),
        _comparison(owner),
        _membership(owner),
        st.builds(lambda sign, s: f"{owner}.name {sign} {s}", st.sampled_from(["==", "!="]), text),
        st.sampled_from(fixed),
        st.integers(0, 2**32).map(lambda seed: Expressions(Random(seed)).truth(2).ours),
    )


@cache  # to make one anew for each rule takes longer than all that it draws
def _conditions(owner: str) -> st.SearchStrategy[str]:
    return st.recursive(
        _atoms(owner),
        lambda inner: st.builds(
            lambda sign, members: f"({f' {sign} '.join(members)})",
            st.sampled_from(["&&", "||"]),
            st.lists(inner, min_size=2, max_size=4),
        ),
        max_leaves=8,
    )


@st.composite
def rule_sets(draw: Any) -> Drawn:
    """Draw up to a dozen rules, some of them judged over a list."""
    rules, each = {}, {}
    for number in range(draw(st.integers(1, 12))):
        id_ = f"rule-{number}"
        over = draw(OVER)
        if over == "items":
            each[id_], rules[id_] = ("e", over), draw(_conditions("e"))
        elif over:
            each[id_], rules[id_] = ("e", over), draw(OF_A_TAG)
        else:
            rules[id_] = draw(_conditions(draw(st.sampled_from(OWNERS))))
    return Drawn(
        rules,
        facts={"known": "thing.count > 2 || thing.inner.flag", "sum": "thing.count + 1"},
        constants={"limit": "5", "home": '"DE"', "countries": '["DE", "", "a"]'},
        each=each,
    )


@st.composite
def facts(draw: Any) -> Any:
    """Draw facts, each of them known or not."""
    drawn: Any = Facts()
    for thing in (
        drawn.thing,
        drawn.thing.inner,
        *(drawn.items.add() for _ in range(draw(COLORS))),
    ):
        _fill(draw, thing)
    drawn.thing.tags.extend(draw(TAGS))
    return drawn


def _fill(draw: Any, thing: Any) -> None:
    for name, strategy in FIELDS.items():
        if draw(IS_KNOWN):
            setattr(thing, name, draw(strategy))
