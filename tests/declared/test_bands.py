"""Scorecards of declared kinds: points are summed, and bands name what they come to."""

from pathlib import Path

import pytest

from tests.declared.folder import held, read, written_kind

KIND = """\
kind: listing
because: How good is this listing?
entity: {type: product, id: product.id}
facts:
  product:
    id: {type: text, required: true, because: The id.}
    photos: {type: int, at_least: 0, because: Photos.}
    words: {type: int, at_least: 0, because: Words of its description.}
outcome:
  word: grade
  fields:
    points: {type: int, fold: sum, because: Of 100.}
    grade:
      {type: enum, values: [a, b, c], fold: bands, of: points, bands: {a: 80, b: 40, c: 0},
       because: By points.}
unknown: open
nothing: none
"""
RULES = """\
ruleset: listing
version: 1
owner: shop
because: First.
rules:
  - id: photos
    when: product.photos >= 3
    then: {points: 50}
    because: Photos sell.
  - id: words
    when: product.words >= 100
    then: {points: 40}
    because: Words are found.
"""
CASES = """\
cases:
  - case: all is there
    as_of: 2026-06-01T00:00:00Z
    facts: {product: {id: P1, photos: 3, words: 100}}
    fired: [photos, words]
    outcome: {points: 90, grade: a}
  - case: photos alone
    as_of: 2026-06-01T00:00:00Z
    facts: {product: {id: P1, photos: 3, words: 99}}
    fired: [photos]
    outcome: {points: 50, grade: b}
  - case: nothing is there
    as_of: 2026-06-01T00:00:00Z
    facts: {product: {id: P1, photos: 0, words: 0}}
    fired: []
    outcome: {grade: c}
  - case: nobody counted the words
    as_of: 2026-06-01T00:00:00Z
    facts: {product: {id: P1, photos: 3}}
    fired: [photos]
    undecided: [words]
    outcome: {grade: open, open: [points, grade]}
"""


def written(folder: Path, kind: str = KIND, rules: str = RULES) -> Path:
    """Write the folder, and return it."""
    files = {"kind.yaml": kind, "v1.yaml": rules, "v1.cases.yaml": CASES}
    return written_kind(folder, "listing", files)


def test_points_fall_into_bands(tmp_path: Path) -> None:
    """A limit belongs to the better band; what is open leaves the grade open, never low."""
    (file,) = read(written(tmp_path)).needing_all().files
    held(file)


FAULTS = {
    "no number": ("of: points", "of: grade", "of: 'grade' is not a number of the outcome"),
    "no value": ("b: 40, c: 0", "b: 40, z: 0", "bands: z is not one of its values"),
    "one number": ("b: 40", "b: 80", "bands: two begin at one number"),
    "not a fold of bands": ("fold: sum", "fold: sum, of: grade", "are of the fold bands"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_bands_is_told(tmp_path: Path, name: str) -> None:
    """In kind.yaml, at the field."""
    old, new, told = FAULTS[name]
    shown = "\n".join(map(str, read(written(tmp_path, KIND.replace(old, new, 1))).faults.all))
    assert told in shown


def test_no_rule_claims_what_follows_from_a_number(tmp_path: Path) -> None:
    """It is no part of what a rule may say."""
    folder = written(tmp_path, rules=RULES.replace("{points: 50}", "{points: 50, grade: a}"))
    shown = "\n".join(map(str, read(folder).faults.all))
    assert "unknown key 'grade'" in shown
