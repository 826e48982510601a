"""Where a kind lets one claim stand, the others are judged as by looking at all facts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest

from dealgate.kinds import KINDS
from dealgate.model.codes import Code
from dealgate.model.proofs import AnyProofs, KindProofs, Stake
from dealgate.proof.prover import Prover
from dealgate.proof.remembered import Memory, RememberedRules
from dealgate.proof.rules import Rules
from tests.proof.proving import SPECIMEN, claiming
from tests.proof.random_tables import RandomTable, Truth, random_table

QUICK = 120
GRAVEST = "yzx"
ADDING: AnyProofs = KindProofs(adds=lambda _: True)
Truths = Sequence[Truth]


@dataclass(frozen=True)
class Fold:
    """How a kind folds claims: what it declares, and which rules count, by looking at truths."""

    stake: Callable[[str], Stake]
    counts: Callable[[Sequence[str], Truths], set[int]]
    stands_in: bool = True  # one of the rules behind, if it counts then

    def outcome(self, claims: Sequence[str], truths: Truths) -> set[str]:
        """Return what is claimed."""
        return {claims[rule] for rule in self.counts(claims, truths)}


def first(_: Sequence[str], truths: Truths) -> set[int]:
    """The first that fires counts, whatever waits before it."""
    return set([rule for rule, truth in enumerate(truths) if truth][:1])


def first_waiting(_: Sequence[str], truths: Truths) -> set[int]:
    """The first that fires counts, unless one before it waits."""
    live = [rule for rule, truth in enumerate(truths) if truth is not False]
    return {rule for rule in live[:1] if truths[rule]}


def best(claims: Sequence[str], truths: Truths) -> set[int]:
    """The best that fires counts, the first of equal ones."""
    fired = [rule for rule, truth in enumerate(truths) if truth]
    return set(sorted(fired, key=lambda rule: GRAVEST.index(claims[rule]))[:1])


def gravest_waiting(claims: Sequence[str], truths: Truths) -> set[int]:
    """All of the gravest that fire count, unless a graver one waits; but x never waits for z."""
    fired = [rule for rule, truth in enumerate(truths) if truth]
    grave = min((GRAVEST.index(claims[rule]) for rule in fired), default=len(GRAVEST))
    waiting = {GRAVEST.index(claims[rule]) for rule, truth in enumerate(truths) if truth is None}
    heeded = waiting - {1} if grave == GRAVEST.index("x") else waiting
    if any(rank < grave for rank in heeded):
        return set()
    return {rule for rule in fired if GRAVEST.index(claims[rule]) == grave}


FOLDS = {
    "first": Fold(lambda _: Stake("say"), first),
    "first waiting": Fold(lambda _: Stake("say", waits=True), first_waiting),
    "best": Fold(lambda say: Stake("say", GRAVEST.index(say)), best),
    "gravest waiting": Fold(
        lambda say: Stake(
            "say",
            GRAVEST.index(say),
            first=False,
            waits=True,
            unmoved_by=frozenset({1} if say == "x" else ()),
        ),
        gravest_waiting,
        stands_in=False,
    ),
}


@pytest.mark.parametrize("name", list(FOLDS))
def test_rules_are_judged_as_by_looking_everywhere(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Rules that never count and rules that add nothing: none is missed, and none is made up."""
    wanted = (request.config.getoption("--proof-tables") or QUICK * len(FOLDS)) // len(FOLDS)
    for seed in range(wanted):
        table = random_table(Random(seed))
        assert judged(table, FOLDS[name]) == looked_at(table, FOLDS[name]), (
            f"seed {seed}: {table.conditions()} {table.claims}"
        )


def judged(table: RandomTable, fold: Fold) -> tuple[list[int], list[int]]:
    """Return the rules that never count, and those that add nothing, by proof."""
    proofs: AnyProofs = KindProofs(stakes=lambda effect, _: [fold.stake(effect.say)])
    kind = replace(SPECIMEN, proofs=proofs)
    found = [*Rules(Prover(claiming(table.conditions(), table.claims), kind)).findings()]
    assert all(each.witness is not None for each in found)

    def of(code: Code) -> list[int]:
        return sorted(int(f.subject.removeprefix("rule r")) for f in found if f.code is code)

    return of(Code.RULE_MASKED), of(Code.RULE_REDUNDANT)


@pytest.mark.parametrize("name", list(FOLDS))
def test_what_is_remembered_of_earlier_rules_changes_no_finding(name: str) -> None:
    """Rules are edited one after the other; each time the same is found as from the beginning."""
    proofs: AnyProofs = KindProofs(stakes=lambda effect, _: [FOLDS[name].stake(effect.say)])
    kind, memory = replace(SPECIMEN, proofs=proofs), Memory()
    for seed in range(12):
        table, other = random_table(Random(seed)), random_table(Random(seed + 1000))
        conditions, drawn = [*table.conditions()], Random(seed)
        for _ in range(4):
            conditions[drawn.randrange(len(conditions))] = drawn.choice([*other.conditions()])
            ruleset = claiming(conditions, table.claims)
            fresh = [*Rules(Prover(ruleset, kind)).findings()]
            prover = Prover(ruleset, kind, kept=memory.shelf.of(kind, ruleset))
            kept = [*RememberedRules(prover, memory).findings()]
            assert [(f.subject, f.code) for f in kept] == [(f.subject, f.code) for f in fresh]
    assert any(memory.counting.values())  # facts that spared a proof


def looked_at(table: RandomTable, fold: Fold) -> tuple[list[int], list[int]]:
    """Return the same by judging every combination of facts."""
    points, claims = table.points(), table.claims
    masked = [
        rule
        for rule in range(len(claims))
        if any(point[rule] for point in points)
        and not any(rule in fold.counts(claims, point) for point in points)
    ]
    gone = {rule for rule in range(len(claims)) if not any(point[rule] for point in points)}
    gone |= {*masked}
    spare = []
    for rule in reversed(range(len(claims))):
        if rule not in gone and adds_nothing(table, points, rule, gone, fold):
            gone.add(rule)
            spare.append(rule)
    return masked, sorted(spare)


def adds_nothing(
    table: RandomTable, points: Sequence[Truths], rule: int, gone: set[int], fold: Fold
) -> bool:
    """Tell whether others claim the same where a rule fires, and hold back as much if it waits."""
    claims = table.claims
    alike = [r for r, c in enumerate(claims) if c == claims[rule] and r not in {rule, *gone}]
    for point in points:
        if point[rule] and not any(point[other] for other in alike):
            return False
        if point[rule] is None and not any(point[other] is not False for other in alike):
            return False
        if not fold.stands_in:
            continue
        left = [
            False if other == rule or (other in gone and claims[other] == claims[rule]) else truth
            for other, truth in enumerate(point)
        ]
        before, after = fold.outcome(claims, point), fold.outcome(claims, left)
        if before != after and not (before == set() and after == {claims[rule]}):
            return False
    return True


def test_claims_that_add_up_are_never_redundant() -> None:
    """Two rules with the same points are worth twice as much as one."""
    ruleset = claiming(["thing.flag && thing.count > 5", "thing.flag"], ["x", "x"])
    adding = replace(SPECIMEN, proofs=ADDING)

    assert [f.code for f in Rules(Prover(ruleset, SPECIMEN)).findings()] == [Code.RULE_REDUNDANT]
    assert [*Rules(Prover(ruleset, adding)).findings()] == []


def test_what_waits_alone_is_not_redundant() -> None:
    """Without the first rule nothing would wait for the missing count."""
    heard = claiming(["thing.count > 5", "has(thing.count) && thing.count > 3"], ["x", "x"])
    assert [*Rules(Prover(heard, SPECIMEN)).findings()] == []


@pytest.mark.parametrize(
    ("kind", "effects"),
    [
        ("qualify", [{"disposition": "mql", "code": "FIT-01"}]),
        ("health", [{"measure": "risk", "score": 50}, {"force": "red"}]),
        ("handoff", [{"item": "risks", "complete": 50}]),
        ("recognize", [{"treat": "prospective"}]),
        ("forecast", [{"category": "commit"}, {"probability": 50}, {"exclude": "OLD"}]),
        ("attribute", [{"withhold": "FRAUD"}]),
        ("quota", [{"exclude": "SPLIT"}]),
    ],
)  # fmt: skip
def test_kinds_declare_what_rules_compete_for(kind: str, effects: list[dict[str, object]]) -> None:
    """Each of these claims stands or falls by others; what is claimed besides counts always."""
    of = KINDS[kind]
    assert of.proofs is not None
    for effect in effects:
        assert of.proofs.stakes(of.effect.model_validate(effect), None)
