"""A case passes only if the rules came to exactly what it says, and tells what differed if not."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.kind import AnyKind
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog

RULES = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
rules:
  - id: big
    when: deal.employees >= 50
    then: {points: 20}
    because: We like them.
  - id: cheap
    when: deal.amount < money("EUR", "10")
    then: {verdict: refuse}
    because: Not worth it.
  - id: busy
    when: 100 / deal.visits < 10
    then: {points: 1}
    because: They look at us often.
  - id: always
    then: {points: 1}
    because: Everybody is welcome.
"""
BASE = """\
base:
  deal: {deal: {id: D1, employees: 50, amount: EUR 100, visits: 1}}
cases:
"""
CASE = """\
  - case: {name}
    as_of: 2026-06-01T00:00:00Z
    base: deal
"""
COMPLETE = "".join(
    CASE.format(name=name) + f"    facts: {facts}\n    fired: [{fired}]\n"
    for name, facts, fired in (
        ("large", "{}", "big, always"),
        ("small", "{deal: {employees: 49}}", "always"),
        ("cheap", "{deal: {amount: EUR 9.99}}", "big, cheap, always"),
        ("busy", "{deal: {visits: 11}}", "big, busy, always"),
    )
)

Try = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
def attempt(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> Try:
    """Run a file of cases; return the failures as text, without the folder."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(RULES)

    async def attempting(cases: str) -> list[str]:
        (home / "v1.cases.yaml").write_text(BASE + cases)
        kinds = {"approve": approve}
        catalog = load_catalog(home.parent, kinds, checker)
        files = load_cases(home.parent, kinds, catalog.all())
        reports = await run_cases(NativeEngine(), files)
        failures = [failure for report in reports for failure in report.failures]
        assert all(report.passed == (not report.failures) for report in reports)
        return [
            f"{str(failure.location).removeprefix('rules/approve/')} {failure.message}"
            + (f" | {failure.hint}" if failure.hint else "")
            for failure in failures
        ]

    return attempting


async def test_cases_that_hold_pass(attempt: Try) -> None:
    """Cases that see every rule fire and stay quiet leave nothing to report."""
    assert await attempt(COMPLETE) == []


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("fired: [big]", "fired: expected big, got big, always"),
        ("fired: [always, big]", "fired: expected always, big, got big, always"),
        ("fired: []", "fired: expected none, got big, always"),
        ("undecided: [cheap]\n    fired: [big, always]", "undecided: expected cheap, got none"),
        ("error: BadQuestion", "expected BadQuestion, got an answer"),
    ],
)
async def test_rules_must_be_exactly_those(attempt: Try, expected: str, told: str) -> None:
    """Neither a rule too many nor one too few nor another order goes unnoticed."""
    (failure,) = await attempt(f"{COMPLETE}{CASE.format(name='one more')}    {expected}\n")
    assert f"case one more: {told}" in failure


async def test_rule_that_could_not_be_judged_says_why(attempt: Try) -> None:
    """An author reads which fact was missing, and what went wrong, not only that it did."""
    facts = "facts: {deal: {employees: null, visits: 0}}"
    case = CASE.format(name="odd") + f"    {facts}\n    fired: [big, busy, always]\n"
    fired, failed = await attempt(COMPLETE + case)
    assert fired == (
        "v1.cases.yaml:28:12 case odd: fired: expected big, busy, always, got always"
        " | big is undecided: it lacks deal.employees\nbusy failed: divide by zero"
    )
    assert failed == "v1.cases.yaml:24:5 case odd: failed: expected none, got busy"


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("{verdict: VERDICT_REFUSE}", ["verdict: expected VERDICT_REFUSE, got VERDICT_APPROVE"]),
        ("{price: EUR 21.51}", ["price: expected EUR 21.51, got EUR 21.50"]),
        ("{price: USD 21.50}", ["price: expected USD 21.50, got EUR 21.50"]),
        ('{share: "0.201"}', ["share: expected 0.201, got 0.2"]),
        ("{level: 20}", ["level: expected 20, got 21"]),
        ("{level: null}", ["level: expected nothing, got 21"]),
        ("{weight: 0.31}", ["weight: expected 0.31, got 0.30000000000000004"]),
        ("{reasons: []}", ["reasons: expected 0 of them, got 2"]),
        (
            "{reasons: [{rule_id: big, points: 19}, {rule_id: bug}]}",
            [
                "reasons[0].points: expected 19, got 20",
                'reasons[1].rule_id: expected "bug", got "always"',
            ],
        ),
    ],
)
async def test_outcome_must_hold_every_field_named(
    attempt: Try, outcome: str, told: list[str]
) -> None:
    """A field that differs is told with what was expected and what came, to the cent."""
    case = CASE.format(name="more") + f"    fired: [big, always]\n    outcome: {outcome}\n"
    failures = await attempt(COMPLETE + case)
    assert len(failures) == len(told)
    for failure, text in zip(failures, told, strict=True):
        assert f"case more: outcome.{text}" in failure


async def test_outcome_may_say_only_what_matters(attempt: Try) -> None:
    """Fields that a case does not name may be anything; equal numbers may be written apart."""
    outcome = '{price: EUR 21.5, share: "0.200", weight: 0.3, reasons: [{points: 20}, {}]}'
    case = CASE.format(name="more") + f"    fired: [big, always]\n    outcome: {outcome}\n"
    assert await attempt(COMPLETE + case) == []


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("error: BadQuestion\n    violations: [deal.id]", []),
        ("error: BadQuestion", []),
        (
            "error: BadQuestion\n    violations: [deal.x]",
            ["violations: expected deal.x, got deal.id"],
        ),
        ("error: RulesFailed", ["expected RulesFailed, got BadQuestion | deal.id: is required"]),
        ("fired: []", ["expected an answer, got BadQuestion | deal.id: is required"]),
    ],
)
async def test_refusal_can_be_expected(attempt: Try, expected: str, told: list[str]) -> None:
    """A case may say that the question is refused, for which fields, and must then be right."""
    case = CASE.format(name="nobody") + "    facts: {deal: {id: null}}\n" + f"    {expected}\n"
    failures = await attempt(COMPLETE + case)
    assert len(failures) == len(told)
    for failure, text in zip(failures, told, strict=True):
        assert failure.endswith(f"case nobody: {text}")


async def test_rule_set_without_cases_is_refused(
    tmp_path: Path, attempt: Try, approve: AnyKind, checker: CelChecker
) -> None:
    """Rules that nobody tried are a fault of the folder."""
    await attempt(COMPLETE)
    rules = tmp_path / "rules"
    (rules / "approve" / "v1.cases.yaml").unlink()
    catalog = load_catalog(rules, {"approve": approve}, checker)
    with pytest.raises(RulebookFaults, match="approve@1 has no cases"):
        load_cases(rules, {"approve": approve}, catalog.all())
