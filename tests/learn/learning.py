"""A population whose odds are known, and a rule set that sees it."""

import json
import random
from pathlib import Path

RULES = """
ruleset: score
version: 1
owner: the test
because: For the test.
parameters:
  currency: EUR
  weights: {fit: 50, engagement: 50}
  threshold: 50
  categories:
    high_intent: {cap: 40}
    medium: {cap: 40}
    low: {cap: 40}
    product_usage: {cap: 40}
  fit_letters: [80, 60, 40]
  engagement_numbers: [75, 50, 25]
  priorities: {p1: [A1], p2: [B1], p3: [C1]}
rules:
  - id: large
    when: lead.company.employees >= 100
    then: {axis: fit, dimension: size, points: 10}
    because: Large companies buy.
  - id: abroad
    when: lead.country != "DE"
    then:
      axis: fit
      points: -5
    because: We are at home here.
  - id: never
    when: lead.company.employees < 0
    then: {axis: fit, dimension: size, points: 1}
    because: Nobody has fewer than nobody.
"""
# The odds of somebody small at home, and what being large and being abroad multiply them by.
BASE, LARGE, ABROAD = 0.25, 4.0, 0.5
CASES = """
cases:
  - case: a lead of which nothing is known
    as_of: 2026-01-01T00:00:00Z
    facts: {lead: {id: L}}
    fired: []
"""


def rules_in(folder: Path) -> Path:
    """Write the rule set into a rules folder, and return that."""
    home = folder / "rules" / "score"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(RULES.lstrip())
    (home / "v1.cases.yaml").write_text(CASES.lstrip())
    return home.parent


def population(size: int, seed: int = 1) -> list[dict[str, object]]:
    """Return samples drawn from the known odds."""
    drawn = random.Random(seed)
    return [_sample(number, drawn) for number in range(size)]


def _sample(number: int, drawn: random.Random) -> dict[str, object]:
    large, abroad = drawn.random() < 0.5, drawn.random() < 0.3
    odds = BASE * (LARGE if large else 1) * (ABROAD if abroad else 1)
    lead = {
        "id": f"L{number}",
        "country": "FR" if abroad else "DE",
        "company": {"employees": 500 if large else 5},
    }
    return {
        "as_of": "2026-01-01T00:00:00Z",
        "facts": {"lead": lead},
        "converted": drawn.random() < odds / (1 + odds),
    }


def written(path: Path, samples: list[dict[str, object]]) -> Path:
    """Write samples to a file, an object a line."""
    path.write_text("".join(json.dumps(sample) + "\n" for sample in samples))
    return path
