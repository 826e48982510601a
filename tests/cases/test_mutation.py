"""Rules are disturbed in every place, and what no case notices is told at its place."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from dealgate.cases.mutation.claims import alterations
from dealgate.cases.mutation.expressions import disturbances
from dealgate.cases.mutation.mutants import Mutant, mutants
from dealgate.cases.mutation.survivors import Bench
from dealgate.desk.trials import trial
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case, CaseFile, load_cases
from dealgate.v1.qualify_pb2 import QualifyFacts
from tests.cases.asking import case, mutation, rule, told, written
from tests.shipped import RULES, catalog

SMALL = "lead.company.employees < 50"


def changes(when: str) -> list[str]:
    """Return every disturbance of a condition as `before -> after`."""
    facts = QualifyFacts.DESCRIPTOR
    checked = CelChecker().check(when, facts=facts, variables={}, expected="bool")
    found = disturbances(checked.ast, facts)
    return [f"{edit.offset}: {edit.before} -> {edit.after}".rstrip() for edit in found]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (SMALL, ["23: < 50 -> <= 50", "23: < 50 -> >= 50", "25: 50 -> 49", "25: 50 -> 51"]),
        ("lead.do_not_call", ["0: lead.do_not_call -> !lead.do_not_call"]),
        ("!lead.do_not_call", ["0: !lead.do_not_call -> lead.do_not_call"]),
        ("has(lead.email)", ["0: has(lead.email) -> !has(lead.email)"]),
        (
            "verification.status != VERIFICATION_STATUS_INVALID",
            [
                "20: != VERIFICATION_STATUS_INVALID -> == VERIFICATION_STATUS_INVALID",
                "23: VERIFICATION_STATUS_INVALID -> VERIFICATION_STATUS_UNVERIFIABLE",
            ],
        ),
        (
            'annual_contract_value >= money("EUR", "5")',
            [
                '22: >= money("EUR", "5") -> > money("EUR", "5")',
                '22: >= money("EUR", "5") -> < money("EUR", "5")',
                '25: money("EUR", "5") -> money("EUR", "4.99")',
                '25: money("EUR", "5") -> money("EUR", "5.01")',
                '25: money("EUR", "5") -> money("USD", "5")',
            ],
        ),
        (
            'history.recycle_until <= date("2026-03-01")',
            [
                '22: <= date("2026-03-01") -> < date("2026-03-01")',
                '22: <= date("2026-03-01") -> > date("2026-03-01")',
                '25: date("2026-03-01") -> date("2026-02-28")',
                '25: date("2026-03-01") -> date("2026-03-02")',
            ],
        ),
        (
            'lower(lead.country) in ["de", "at"]',
            [
                '0: lower(lead.country) in ["de", "at"] -> !(lower(lead.country) in ["de", "at"])',
                "0: lower(lead.country) -> lead.country",
                '24: "de" ->',
                '30: "at" ->',
            ],
        ),
        (
            "activities.exists(a, a.count > 1)",
            [
                "0: activities.exists(a, a.count > 1) -> !activities.exists(a, a.count > 1)",
                "0: activities.exists(a, a.count > 1) -> activities.all(a, a.count > 1)",
                "29: > 1 -> >= 1",
                "29: > 1 -> <= 1",
                "31: 1 -> 0",
                "31: 1 -> 2",
            ],
        ),
        (
            "scores.fit + 1 > scores.engagement",
            [
                "15: > scores.engagement -> >= scores.engagement",
                "15: > scores.engagement -> <= scores.engagement",
                "11: + 1 -> - 1",
                "13: 1 -> 0",
                "13: 1 -> 2",
            ],
        ),
    ],
)
def test_every_place_of_a_condition_is_disturbed(when: str, expected: list[str]) -> None:
    """Operators, negations, literals by their smallest unit, entries of lists, macros."""
    assert changes(when) == expected


def test_connectives_and_conditions_of_a_chain_are_disturbed() -> None:
    """Each connective becomes the other as if it were retyped; each condition is left out."""
    found = changes("lead.do_not_call && has(lead.email) && has(lead.phone) || has(lead.title)")
    structural = [
        each for each in found if "||" in each.split("->")[0] or "&&" in each or each.endswith("->")
    ]
    assert structural == [
        "55: || has(lead.title) -> && has(lead.title)",
        "0: lead.do_not_call && has(lead.email) && has(lead.phone) ->",
        "58: has(lead.title) ->",
        "17: && has(lead.email) -> || has(lead.email)",
        "36: && has(lead.phone) -> || has(lead.phone)",
        "0: lead.do_not_call ->",
        "20: has(lead.email) ->",
        "39: has(lead.phone) ->",
    ]


def test_choice_is_swapped() -> None:
    """Both answers of a condition trade places."""
    found = changes("(has(lead.email) ? 1 : 2) == 1")
    assert "1: has(lead.email) ? 1 : 2 -> has(lead.email) ? 2 : 1" in found


class Inner(BaseModel):
    """Within another."""

    days: int = Field(ge=1)


class Claim(BaseModel):
    """Everything an effect may be made of."""

    choice: Literal["a", "b", "c"] = "a"
    code: str = Field("X-01", pattern="^[A-Z]-[0-9]{2}$")
    points: Decimal = Decimal(0)
    share: float = 0
    final: bool = False
    roles: tuple[Literal["rep", "vp"], ...] = ()
    inner: Inner | None = None
    limits: tuple[int, int] = (1, 2)


def test_every_claim_is_disturbed_and_stays_valid() -> None:
    """What the author wrote is changed to what may be written; what was left open stays so."""
    model = Claim(
        choice="c",
        code="X-09",
        points=Decimal("2.5"),
        final=True,
        roles=("rep", "vp"),
        inner=Inner(days=1),
        limits=(7, 8),
    )
    found = [
        (".".join(map(str, each.path)), each.before, each.after) for each in alterations(model)
    ]
    assert found == [
        ("choice", "c", "a"),
        ("code", "X-09", "X-00"),
        ("points", "2.5", "2.4"),
        ("points", "2.5", "2.6"),
        ("final", "true", "false"),
        ("roles.0", "rep", ""),
        ("roles.1", "vp", ""),
        ("inner.days", "1", "2"),
        ("limits.0", "7", "6"),
        ("limits.0", "7", "8"),
        ("limits.1", "8", "7"),
        ("limits.1", "8", "9"),
    ]


def test_cases_far_from_the_limit_notice_too_little(tmp_path: Path) -> None:
    """20 and 200 show that a rule works, not where it begins."""
    cases = "cases:\n" + case("small", "{lead: {company: {employees: 20}}}", "fired: [small]")
    cases += case("large", "{lead: {company: {employees: 200}}}", "fired: []")
    found = mutation(written(tmp_path, rule("small", SMALL), cases))
    assert told(found)[-5:] == [
        "9:30 rule small: no case notices `< 50` changed to `<= 50`",
        "9:32 rule small: no case notices `50` changed to `49`",
        "9:32 rule small: no case notices `50` changed to `51`",
        "10:25 rule small: disposition: no case notices `nurture` changed to `hold`",
        "10:40 rule small: code: no case notices `FIT-01` changed to `FIT-02`",
    ]


def test_cases_at_the_limit_notice_all(tmp_path: Path) -> None:
    """49 and 50, and what follows from each, leave nothing to change unnoticed."""
    outcome = "\n    outcome: {disposition: DISPOSITION_NURTURE, reason_codes: [FIT-01]}"
    cases = "cases:\n" + case(
        "small", "{lead: {company: {employees: 49}}}", f"fired: [small]{outcome}"
    )
    cases += case("large", "{lead: {company: {employees: 50}}}", "fired: []")
    found = told(mutation(written(tmp_path, rule("small", SMALL), cases)))
    assert not [message for message in found if "parameter" not in message]


@cache
def shipped(name: str) -> CaseFile:
    """Return the cases of a rule set we ship."""
    kind, _, version = name.partition("@")
    return load_cases(RULES, KINDS, [catalog().version(kind, int(version))])[0]


async def failing(mutant: Mutant, tried: Sequence[Case]) -> list[str]:
    """Decide cases by a mutant as the service would; return the names of those that then fail."""
    engine = NativeEngine()
    return [each.name for each in tried if await _fails(engine, mutant.ruleset, each)]


async def _fails(engine: NativeEngine, ruleset: AnyRuleSet, tried: Case) -> bool:
    try:
        return bool(await trial(KINDS[ruleset.kind], engine, ruleset, tried))
    except Exception:  # noqa: BLE001  # a disturbed parameter may break the kind
        return True


def some(name: str, step: int) -> Iterator[Mutant]:
    """Yield every so many of a rule set's mutants."""
    yield from list(mutants(shipped(name).ruleset))[::step]


@pytest.mark.parametrize(("name", "step"), [("qualify@1", 23), ("score@1", 29), ("attribute@2", 5)])
def test_noticed_is_noticed(name: str, step: int) -> None:
    """What is said to be noticed makes that very case fail when the whole service decides by it.

    And what is not makes none of them fail: few cases are given, so that some survive.
    """
    file = replace(shipped(name), cases=shipped(name).cases[::4])
    bench = Bench(KINDS[file.ruleset.kind], file)

    async def check() -> tuple[int, int]:
        noticed = survived = 0
        for mutant in some(name, step):
            by = bench.noticed(mutant)
            if by is not None:
                noticed += 1
                assert await failing(mutant, [by]) == [by.name], mutant
            else:
                survived += 1
                assert await failing(mutant, file.cases) == [], mutant
        return noticed, survived

    noticed, survived = asyncio.run(check())
    assert noticed > 0
    assert survived > 0
