"""Whatever an author saves, the answer is a list of faults and never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.language.cel import CelChecker
from dealgate.model.kind import AnyKind
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.faults import RulebookFaults

FILES = {
    "v1.yaml": """\
ruleset: approve
version: 1
owner: sales
because: First floor.
parameters: {threshold: 5}
constants:
  floor: 50
  near: ["DE", "AT"]
facts:
  local: deal.country in near && deal.amount > money("EUR", "5")
rules:
  - id: small
    each: {c: contacts}
    when: |
      local && deal.employees < floor
        && c.signs
    then: {points: 1, share: 0.5}
    because: >-
      Small deals
      need no look.
tables:
  - id: size
    hit: collect sum
    each: {c: contacts}
    then: {verdict: approve}
    because: Sizes differ.
""",
    "v1.size.csv": '''\
id,deal.employees,deal.country,deal.stage,deal.amount,c.signs,c.met_at,then.points,because
small,< floor,"DE, AT","not(PROPOSAL)",[EUR 1.50..EUR 2],true,< 2026-01-31T00:00:00Z,1,
large,">= 50, != 70",in near,known,-,,,2,"Large, and ""near"""
''',
    "v1.cases.yaml": """\
base:
  deal: {deal: {id: D1, employees: 50, amount: EUR 100, tags: [a], quotas: {a: 1}}}
cases:
  - case: a deal
    as_of: 2026-06-01T00:00:00Z
    base: deal
    facts: {deal: {employees: null, close_date: 2026-01-31}, contacts: [{name: Ann}]}
    fired: []
    outcome: {verdict: VERDICT_REFUSE, reasons: []}
""",
    "releases.yaml": "- {version: 1, from: 2026-01-01, sha256: abc, by: ann, because: Agreed.}\n",
}
NASTY = [
    *"\t\n:#-?!&*|>%@`'\"[]{},\\~=()é𝄞\0\ufeff",
    *(": ", " #", "- ", "&a ", "*a", "!!int ", "<<: ", "---\n", "...\n", "null", "\r\n", "\n  "),
    *("0x1F", "1e999", "-1", "9" * 25, "''", '""', "{}", "[]", "[[[[", "\\u0000", "yes"),
    *(",,", '""', "..", "not(", "in ", ">= ", "1E+06", "31.01.2026", "####", ";", "then.", "id"),
    *("&& ", "deal", "c.", 'money("")', "[].all(x, x)", "matches('(')", "dyn(1)", "as_of"),
]
EDIT = st.tuples(st.integers(0, 10_000), st.integers(0, 12), st.sampled_from(["", *NASTY]))


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    """Cut something out at each place, and put something else in."""
    for at, length, put in edits:
        start = at % (len(text) + 1)
        text = text[:start] + put + text[start + length :]
    return text


@pytest.mark.parametrize("name", sorted(FILES))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDIT, min_size=1, max_size=3))
def test_author_never_sees_a_traceback(
    tmp_path: Path,
    approve: AnyKind,
    checker: CelChecker,
    name: str,
    edits: list[tuple[int, int, str]],
) -> None:
    """A damaged file loads or is refused, and each fault stands at a place that is in the file."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True, exist_ok=True)
    for file, text in FILES.items():
        if file != "releases.yaml" or name == file:
            (home / file).write_bytes((edited(text, edits) if file == name else text).encode())
    kinds = {"approve": approve}
    try:
        check_folder(home.parent, kinds, checker)
    except RulebookFaults as refused:
        for fault in refused.faults:
            lines = (tmp_path / fault.location.file).read_bytes().decode().split("\n")
            assert fault.location.line <= len(lines)
            assert fault.location.column <= len(lines[fault.location.line - 1]) + 1
            assert fault.message
