"""What a declared outcome says may be computed: a named fact, or a table that tells one."""

import asyncio
import pickle
from pathlib import Path

import pytest

from dealgate.cases.findings import mutation_of
from dealgate.cases.mutation.survivors import Bench
from tests.declared.folder import held, read, written_kind

KIND = """\
kind: seller_fee
because: What does a seller pay for a sale?
entity: {type: sale, id: sale.id}
facts:
  sale:
    id: {type: text, required: true, because: The id.}
    price: {type: money, at_least: 0, because: What the buyer pays.}
    category: {type: text, because: What is sold.}
    count: {type: int, at_least: 0, because: Sales of the seller so far.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [review, charge], fold: gravest, because: What to do.}
    fee: {type: money, fold: fact, because: What is charged.}
    rate: {type: decimal, fold: fact, because: Of the price.}
    tier: {type: text, fold: fact, because: The seller's tier.}
    level: {type: int, fold: fact, because: The tier as a number.}
    is_new: {type: bool, fold: fact, because: Nothing sold so far.}
unknown: open
nothing: none
"""
RULES = """\
ruleset: seller_fee
version: 1
owner: marketplace
because: First.
facts:
  is_new: sale.count == 0
  fee: sale.price * rate
tables:
  - {id: tiers, hit: first, gives: tier, values: [gold, silver, none]}
  - {id: rates, hit: first, gives: rate}
  - {id: levels, hit: first, gives: level}
rules:
  - id: dear
    when: fee > money("EUR", "1000")
    then: {verdict: review}
    because: Somebody looks at what is dear.
  - id: usual
    when: fee <= money("EUR", "1000")
    then: {verdict: charge}
    because: Others are charged.
"""
SHEETS = {
    "tiers": "sale.count,gives\n>= 100,gold\n>= 10,silver\nelse,none\n",
    "rates": (
        "tier,sale.category,gives\n"
        'gold,-,"decimal(""0.05"")"\n'
        'silver,books,"decimal(""0.06"")"\n'
        'else,else,"decimal(""0.0833"")"\n'
    ),
    "levels": "tier,gives\ngold,2\nsilver,1\nelse,0\n",
}
CASES = """\
cases:
  - case: of a tier that a table tells another
    as_of: 2026-06-01T00:00:00Z
    facts: {sale: {id: S1, price: EUR 100.10, category: books, count: 12}}
    fired: [usual]
    outcome: {verdict: charge, fee: EUR 6.01, rate: "0.06", tier: silver, level: 1, is_new: false}
  - case: half a cent is rounded to the even one
    as_of: 2026-06-01T00:00:00Z
    facts: {sale: {id: S1, price: EUR 0.50, category: games, count: 100}}
    fired: [usual]
    outcome: {fee: EUR 0.02, tier: gold, level: 2}
  - case: a dear one
    as_of: 2026-06-01T00:00:00Z
    facts: {sale: {id: S1, price: EUR 20000.20, category: books, count: 500}}
    fired: [dear]
    outcome: {verdict: review, fee: EUR 1000.01}
  - case: exactly a thousand
    as_of: 2026-06-01T00:00:00Z
    facts: {sale: {id: S1, price: EUR 20000.00, category: books, count: 500}}
    fired: [usual]
    outcome: {verdict: charge, fee: EUR 1000.00}
  - case: nobody counted
    as_of: 2026-06-01T00:00:00Z
    facts: {sale: {id: S1, price: EUR 100.00, category: books}}
    fired: []
    undecided: [dear, usual]
    outcome: {verdict: open, open: [verdict, fee, rate, tier, level, is_new]}
"""


def written(folder: Path, kind: str = KIND, rules: str = RULES) -> Path:
    """Write the folder, and return it."""
    sheets = {f"v1.{name}.csv": text for name, text in SHEETS.items()}
    files = {"kind.yaml": kind, "v1.yaml": rules, "v1.cases.yaml": CASES} | sheets
    return written_kind(folder, "seller_fee", files)


def test_what_is_computed_is_answered(tmp_path: Path) -> None:
    """Through tables that read each other, exact, amounts to the cent; unknown is open."""
    checked = read(written(tmp_path))
    (file,) = checked.needing_all().files
    held(file)
    assert not [each for each in checked.faults.all if "nothing mentions" in str(each)]
    assert pickle.loads(pickle.dumps(file.ruleset.told)) is file.ruleset.told
    found = asyncio.run(mutation_of(tmp_path / "rules", file.kind, file))
    assert found is not None


FAULTS = {
    "nothing tells it": ("  is_new: sale.count == 0\n", "", "fact is_new: the outcome needs it"),
    "another type": ("is_new: sale.count == 0", "is_new: sale.count", "there it is a bool"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_rules_tell_what_the_outcome_says(tmp_path: Path, name: str) -> None:
    """Each named fact of it, of its type; else the version has a fault."""
    old, new, told = FAULTS[name]
    shown = "\n".join(
        map(str, read(written(tmp_path, rules=RULES.replace(old, new, 1))).faults.all)
    )
    assert told in shown


def test_no_rule_claims_what_is_computed(tmp_path: Path) -> None:
    """And what is of a type that no fact can be is told in kind.yaml."""
    rules = RULES.replace("{verdict: review}", "{verdict: review, level: 3}")
    shown = "\n".join(map(str, read(written(tmp_path, rules=rules)).faults.all))
    assert "unknown key 'level'" in shown
    kind = KIND.replace("{type: text, fold: fact", "{type: enum, values: [a], fold: fact")
    shown = "\n".join(map(str, read(written(tmp_path / "other", kind=kind)).faults.all))
    assert "fact folds bool or int" in shown


RATIO_KIND = """\
kind: loan
because: Is the debt too high for a loan?
entity: {type: loan, id: loan.id}
facts:
  loan:
    id: {type: text, required: true, because: The id.}
    debt: {type: decimal, at_least: 0, because: Paid each month.}
    income: {type: decimal, at_least: 0, because: Earned each month.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [reject, review, accept], fold: gravest, because: What to do.}
    ratio: {type: decimal, fold: fact, because: Debt as a share of income.}
unknown: review
nothing: review
"""
RATIO_RULES = """\
ruleset: loan
version: 1
owner: lending
because: First.
facts:
  ratio: divide(loan.debt, loan.income, 4)
tables:
  - {id: by-ratio, hit: first, because: By the ratio.}
"""
RATIO_CSV = """\
id,ratio,then.verdict
high,> 0.4,reject
low,<= 0.3,accept
other,else,review
"""
RATIO_CASES = """\
cases:
  - case: a third is more than 0.3
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "1", income: "3"}}
    fired: [by-ratio/other]
    outcome: {verdict: review, ratio: "0.3333"}
  - case: half a place is rounded away from zero
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "0.30005", income: "1"}}
    fired: [by-ratio/other]
    outcome: {verdict: review, ratio: "0.3001"}
  - case: too much
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "5", income: "10"}}
    fired: [by-ratio/high]
    outcome: {verdict: reject, ratio: "0.5"}
  - case: little
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "1", income: "10"}}
    fired: [by-ratio/low]
    outcome: {verdict: accept, ratio: "0.1"}
  - case: no income has no ratio
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "1", income: "0"}}
    fired: []
    failed: [by-ratio/high, by-ratio/low, by-ratio/other]
    outcome: {verdict: review, open: [verdict, ratio]}
  - case: nobody said what is earned
    as_of: 2026-06-01T00:00:00Z
    facts: {loan: {id: L1, debt: "1"}}
    fired: []
    undecided: [by-ratio/high, by-ratio/low, by-ratio/other]
    outcome: {verdict: review, open: [verdict, ratio]}
"""


def test_a_ratio_is_divided(tmp_path: Path) -> None:
    """To the places that are asked for; by zero it fails, and unknown is open."""
    files = {
        "kind.yaml": RATIO_KIND,
        "v1.yaml": RATIO_RULES,
        "v1.by-ratio.csv": RATIO_CSV,
        "v1.cases.yaml": RATIO_CASES,
    }
    (file,) = read(written_kind(tmp_path, "loan", files)).needing_all().files
    held(file)


TOLD_ONLY = """\
kind: sized
because: How large is it?
entity: {type: r, id: r.id}
facts:
  r:
    id: {type: text, required: true, because: The id.}
    n: {type: decimal, because: A number.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [done], fold: gravest, because: Done.}
    size: {type: text, fold: fact, because: Computed.}
unknown: open
nothing: open
"""
TOLD_RULES = """\
ruleset: sized
version: 1
owner: tests
because: First.
constants: {least: decimal("10")}
facts:
  size: 'r.n > least ? "big" : "small"'
rules:
  - {id: done, then: {verdict: done}, because: Done.}
"""
SIZES = {"10": "small", "10.01": "big"}


@pytest.mark.parametrize("asserted", [True, False])
def test_mutants_of_what_only_the_outcome_says_are_noticed(tmp_path: Path, asserted: bool) -> None:  # noqa: FBT001  # a parameter
    """By cases that say what is answered, though no rule fires otherwise; by others not."""
    cases = "cases:\n" + "".join(
        f"  - {{case: {size}, as_of: 2026-06-01T00:00:00Z, facts: {{r: {{id: a, n: '{n}'}}}}, "
        f"fired: [done]{f', outcome: {{size: {size}}}' if asserted else ''}}}\n"
        for n, size in SIZES.items()
    )
    files = {"kind.yaml": TOLD_ONLY, "v1.yaml": TOLD_RULES, "v1.cases.yaml": cases}
    (file,) = read(written_kind(tmp_path, "sized", files)).needing_all().files
    bench = Bench(file.kind, file)
    survivors = {mutant.part for mutant in bench.survey().survivors}
    assert survivors == (set() if asserted else {"facts", "constants"})
