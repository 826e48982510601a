"""The files of a new kind without code, which decides at once."""

from pathlib import Path

KIND = """\
# What this kind decides on, and what it answers: docs/own-decisions.md.
kind: NAME
because: Say here which question this kind answers.
entity: {type: NAME, id: NAME.id}
facts:
  NAME:
    id: {type: text, required: true, because: Your id of what is decided on.}
    amount: {type: money, at_least: 0, because: What it is about.}
outcome:
  word: verdict
  fields:
    verdict:
      type: enum
      values: [refuse, needs_approval, approve]
      fold: gravest
      because: "What may happen, gravest first."
    reasons: {type: text, fold: collect, because: "Why, in codes."}
unknown: hold
nothing: hold
"""
RULES = """\
ruleset: NAME
version: 1
owner: YOU
because: The first version.
rules:
  - id: small
    when: NAME.amount < money("EUR", "1000")
    then: {verdict: approve, reasons: SMALL-01}
    because: Small amounts need nobody.
  - id: large
    when: NAME.amount >= money("EUR", "1000")
    then: {verdict: needs_approval, reasons: LARGE-01}
    because: Somebody looks at what is large.
"""
CASES = """\
cases:
  - case: a small amount
    as_of: 2026-06-01T00:00:00Z
    facts: {NAME: {id: "1", amount: EUR 999.99}}
    fired: [small]
    outcome: {verdict: approve, reasons: [SMALL-01]}
  - case: a large amount
    as_of: 2026-06-01T00:00:00Z
    facts: {NAME: {id: "1", amount: EUR 1000.00}}
    fired: [large]
    outcome: {verdict: needs_approval}
  - case: an unknown amount
    as_of: 2026-06-01T00:00:00Z
    facts: {NAME: {id: "1"}}
    fired: []
    undecided: [small, large]
    outcome: {verdict: hold, open: [verdict, reasons]}
  - case: without an id nothing is decided
    as_of: 2026-06-01T00:00:00Z
    facts: {NAME: {amount: EUR 1.00}}
    error: BadQuestion
    violations: [NAME.id]
"""


def declared_files(rules: Path, name: str) -> dict[Path, str]:
    """Return the text of each file, by its path."""
    home = rules / name
    texts = {"kind.yaml": KIND, "v1.yaml": RULES, "v1.cases.yaml": CASES}
    return {home / file: text.replace("NAME", name) for file, text in texts.items()}
