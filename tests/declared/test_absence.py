"""What `absent:` says holds whoever leaves the fact out; no case is asked for what cannot be."""

from pathlib import Path

from dealgate.cases.findings import coverage_of
from tests.declared.folder import cases_hold, read, written_kind

KIND = """\
kind: intake
because: May this come in?
entity: {type: request, id: request.id}
facts:
  request:
    id: {type: text, required: true, because: The id.}
    severity: {type: enum, values: [low, high], absent: low, because: Low unless said.}
    lines:
      list_of:
        is_rush: {type: bool, absent: false, because: Rare.}
  partner:
    terms:
      is_blocked: {type: bool, absent: false, because: Rare.}
    level: {type: text, because: Not always known.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [refuse, accept], fold: gravest, because: What to do.}
    notes: {type: text, fold: collect, because: Codes.}
unknown: hold
nothing: hold
"""
RULES = """\
ruleset: intake
version: 1
owner: desk
because: First.
rules:
  - id: blocked
    when: partner.terms.is_blocked
    then: {verdict: refuse, notes: BLOCK-01}
    because: Blocked.
  - id: severe
    when: request.severity == "high"
    then: {verdict: refuse, notes: SEV-01}
    because: Severe.
  - id: mild
    when: request.severity == "low"
    then: {verdict: accept, notes: SEV-02}
    because: Mild.
  - id: rush
    each: {l: request.lines}
    when: l.is_rush
    then: {notes: RUSH-01}
    because: In a hurry.
"""
CASES = """\
cases:
  - case: nothing but an id
    as_of: 2026-06-01T00:00:00Z
    facts: {request: {id: R1, lines: [{}]}}
    fired: [mild]
    outcome: {verdict: accept}
  - case: all the other way
    as_of: 2026-06-01T00:00:00Z
    facts:
      request: {id: R1, severity: high, lines: [{is_rush: true}]}
      partner: {terms: {is_blocked: true}}
    fired: [blocked, severe, rush]
    outcome: {verdict: refuse}
"""


def test_absence_is_said_for_groups_that_nobody_sends(tmp_path: Path) -> None:
    """However deep; and nothing waits, so that no case needs to show that it does."""
    files = {"kind.yaml": KIND, "v1.yaml": RULES, "v1.cases.yaml": CASES}
    folder = written_kind(tmp_path, "intake", files)
    (file,) = read(folder).needing_all().files
    cases_hold(file)
    assert not coverage_of(folder, file.kind, file).missing
