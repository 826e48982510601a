"""Shares and amounts of declared kinds: rules claim weights, and a whole is divided by them."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from dealgate.model.money import from_minor, to_minor
from dealgate.model.splitting import Split
from tests.declared.folder import held, read, written_kind

KIND = """\
kind: commission_split
because: Who earns how much of a deal's commission?
entity: {type: deal, id: deal.id}
facts:
  deal:
    id: {type: text, required: true, because: The id.}
    commission: {type: money, because: What is paid for it; negative if it is taken back.}
    is_expansion: {type: bool, because: Of a customer we had.}
    partner_led: {type: bool, because: A partner brought it.}
outcome:
  word: scheme
  fields:
    scheme: {type: enum, values: [expansion, new_business], fold: gravest, because: The plan.}
    hunter: {type: decimal, fold: sum, because: Weight of who opened it.}
    farmer: {type: decimal, fold: sum, because: Weight of who keeps it.}
    partner: {type: int, fold: sum, because: Weight of the partner.}
    shares: {type: decimal, fold: split, among: [hunter, farmer, partner], because: Of 1.}
    amounts:
      type: money
      fold: split
      among: [hunter, farmer, partner]
      whole: deal.commission
      because: Who is paid how much.
unknown: open
nothing: none
"""
RULES = """\
ruleset: commission_split
version: 1
owner: sales-ops
because: First.
rules:
  - id: new
    when: "!deal.is_expansion"
    then: {scheme: new_business, hunter: 1, farmer: 1}
    because: Both work on it.
  - id: expansion
    when: deal.is_expansion
    then: {scheme: expansion, farmer: 1}
    because: The farmer alone.
  - id: partner
    when: deal.partner_led
    then: {partner: 1}
    because: The partner has a share.
"""
CASES = """\
cases:
  - case: three share a commission that has no third
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, commission: EUR 100.00, is_expansion: false, partner_led: true}}
    fired: [new, partner]
    outcome:
      scheme: new_business
      shares: {hunter: "0.333333333334", farmer: "0.333333333333", partner: "0.333333333333"}
      amounts: {hunter: EUR 33.34, farmer: EUR 33.33, partner: EUR 33.33}
  - case: what is taken back mirrors what was paid
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, commission: EUR -100.00, is_expansion: false, partner_led: true}}
    fired: [new, partner]
    outcome: {amounts: {hunter: EUR -33.34, farmer: EUR -33.33, partner: EUR -33.33}}
  - case: the farmer alone
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, commission: EUR 70.01, is_expansion: true, partner_led: false}}
    fired: [expansion]
    outcome: {amounts: {hunter: EUR 0.00, farmer: EUR 70.01, partner: EUR 0.00}}
  - case: nobody said whether a partner led it
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, commission: EUR 70.01, is_expansion: true}}
    fired: [expansion]
    undecided: [partner]
    outcome: {scheme: expansion, open: [partner, shares, amounts]}
  - case: the commission is not known
    as_of: 2026-06-01T00:00:00Z
    facts: {deal: {id: D1, is_expansion: true, partner_led: false}}
    fired: [expansion]
    outcome: {shares: {hunter: "0", farmer: "1", partner: "0"}, open: [amounts]}
"""


def written(folder: Path, kind: str = KIND, rules: str = RULES) -> Path:
    """Write the folder, and return it."""
    files = {"kind.yaml": kind, "v1.yaml": rules, "v1.cases.yaml": CASES}
    return written_kind(folder, "commission_split", files)


def test_a_whole_is_divided_by_weights(tmp_path: Path) -> None:
    """To the cent, also of what is taken back; what is open is named, never guessed."""
    checked = read(written(tmp_path))
    (file,) = checked.needing_all().files
    held(file)


WEIGHTS = st.lists(st.decimals(0, 1000, places=3), min_size=2, max_size=6).filter(any)


@given(WEIGHTS, st.integers(-(10**9), 10**9))
def test_parts_sum_to_the_whole(weights: list[Decimal], minor: int) -> None:
    """Exactly, and each is within one unit of its proportion."""
    names = [f"w{index}" for index in range(len(weights))]
    given_ = dict(zip(names, weights, strict=True))
    amount: Money = from_minor(minor, "EUR")
    deal = SimpleNamespace(total=amount, HasField=lambda _: True)
    parts = Split(names, "total").parts(deal, given_)
    assert parts is not None
    assert sum(map(to_minor, parts.values())) == minor
    for name, weight in given_.items():
        exact = minor * Fraction(weight) / Fraction(sum(weights))
        assert abs(to_minor(parts[name]) - exact) < 1
    shares = Split(names).parts(None, given_)
    assert shares is not None
    assert sum(Decimal(share.value) for share in shares.values()) == 1


FAULTS = {
    "no sum": (
        "[hunter, farmer, partner], because",
        "[hunter, scheme], because",
        "'scheme' is not",
    ),
    "one alone": ("[hunter, farmer, partner], because", "[hunter], because", "at least 2"),
    "twice": ("[hunter, farmer, partner], because", "[hunter, hunter], because", "named once"),
    "no amount": ("whole: deal.commission", "whole: deal.id", "is not the path of an amount"),
    "nothing whole": ("      whole: deal.commission\n", "", "'' is not the path of an amount"),
    "a share of what": (
        "fold: split, among",
        "fold: split, whole: deal.commission, among",
        "money",
    ),
    "not a split": ("fold: gravest", "fold: gravest, among: [hunter]", "are of the fold split"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_cannot_be_split_is_told(tmp_path: Path, name: str) -> None:
    """In kind.yaml, at the field."""
    old, new, told = FAULTS[name]
    assert old in KIND
    shown = "\n".join(map(str, read(written(tmp_path, KIND.replace(old, new, 1))).faults.all))
    assert told in shown


def test_a_weight_is_never_negative(tmp_path: Path) -> None:
    """A share below nothing is none: whoever writes one is told."""
    folder = written(tmp_path, rules=RULES.replace("{partner: 1}", "{partner: -1}"))
    shown = "\n".join(map(str, read(folder).faults.all))
    assert "greater than or equal to 0" in shown or "0 or more" in shown, shown
