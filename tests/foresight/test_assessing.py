"""The impact of a version: empty on itself, as brute force has it on others, whole in parts."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Sequence
from functools import cache
from random import Random

import pytest

from dealgate.engine.native import Program, compile_ruleset
from dealgate.foresight.assessing import Assessor, Clock, idle_rules
from dealgate.foresight.impact import Impact, Transition
from dealgate.foresight.versions import FAILED, NO_ANSWER, REFUSED
from dealgate.foresight.weights import weigher
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.port import Recorded
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.decision import Conclusion, Decision
from dealgate.model.errors import BadQuestion, DealgateError
from dealgate.model.instants import DAY
from dealgate.model.results import Result
from dealgate.model.rules import AnyRuleSet
from tests.foresight.recording import asked, cases, recorded
from tests.shipped import RULES, catalog

CLOCK = Clock(now=10**20, window=90 * DAY)
# By their files: rules are read by those workers whose tests need them.
SEVERAL = sorted(kind for kind in KINDS if len(list((RULES / kind).glob("v*.cases.yaml"))) > 1)


def decided(kind: str, most: int = 40) -> list[Recorded]:
    """Return decisions on the facts of shipped cases, each with a result or without."""
    drawn = Random(kind)
    questions = list(cases(kind))
    drawn.shuffle(questions)
    decisions = asyncio.run(
        recorded(MemoryJournal(), [asked(question) for question in questions[:most]])
    )
    return [(decision, _result(decision, drawn)) for decision in decisions]


def _result(decision: Decision, drawn: Random) -> Result | None:
    type_ = drawn.choice(["WON", "LOST", None])
    if type_ is None:
        return None
    after = decision.as_of + drawn.randrange(1, 120) * DAY
    return Result(
        "default", decision.id, 1, type_, after, after, 12_345, "EUR", "", "ann@example.com", ""
    )


def versions(kind: str) -> tuple[AnyRuleSet, AnyRuleSet]:
    """Return the newest version of a kind, and the one before it."""
    found = [ruleset for ruleset in catalog().all() if ruleset.kind == kind]
    return found[-2], found[-1]


def impact_on(kind: str, old: AnyRuleSet, new: AnyRuleSet, records: Sequence[Recorded]) -> Impact:
    """Assess them in one go."""
    return Assessor(KINDS[kind], old, new, CLOCK).assess(records)


@cache
def program_of(name: str) -> Program:
    """Compile a version once."""
    kind, _, version = name.partition("@")
    return compile_ruleset(catalog().version(kind, int(version)))


def word(kind: str, ruleset: AnyRuleSet, decision: Decision) -> str:
    """Decide it as a caller's question is decided."""
    facts = KINDS[kind].facts.FromString(decision.facts)
    try:
        return judged(KINDS[kind], program_of(ruleset.name), facts, decision.as_of).answer.word
    except BadQuestion:
        return REFUSED
    except DealgateError:
        return NO_ANSWER
    except Exception:  # noqa: BLE001 - a fault of the kind, which an impact tells too
        return FAILED


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_impact_of_a_version_on_itself_is_empty(kind: str) -> None:
    """No flip, no cause, no number that moves, nothing decided for other reasons."""
    _, ruleset = versions(kind) if kind in SEVERAL else (None, catalog().version(kind, 1))
    impact = impact_on(kind, ruleset, ruleset, decided(kind, 15))
    assert impact.decisions
    assert (impact.flips.decisions, impact.causes, impact.same_word) == (0, {}, 0)
    assert impact.not_as_recorded == 0
    assert all(shift.is_unmoved for shift in impact.shifts.values())


@pytest.mark.parametrize("kind", SEVERAL)
def test_an_impact_is_what_brute_force_says(kind: str) -> None:
    """Every question decided twice as a caller's would be: the same matrix, and the same money."""
    old, new = versions(kind)
    records = decided(kind, 12)
    impact = impact_on(kind, old, new, records)
    matrix: Counter[tuple[str, str]] = Counter()
    money: Counter[tuple[str, str, str]] = Counter()
    for decision, result in records:
        pair = word(kind, old, decision), word(kind, new, decision)
        matrix[pair] += 1
        amount = weigher(KINDS[kind])(KINDS[kind].facts.FromString(decision.facts), result)
        if amount is not None:
            money[*pair, amount[1]] += amount[0]
    assert {tuple(key): weight.decisions for key, weight in impact.matrix.items()} == matrix
    assert FAILED not in {word_ for pair in matrix for word_ in pair}
    counted = {
        (*key, currency): minor
        for key, weight in impact.matrix.items()
        for currency, minor in weight.money.items()
    }
    assert counted == money
    caused = sum(weight.decisions for weight in impact.causes.values())
    assert caused == impact.flips.decisions == sum(n for (a, b), n in matrix.items() if a != b)


def test_an_impact_in_parts_is_the_whole() -> None:
    """However a journal is cut into chunks, their impacts add up to the same."""
    old, new = versions("qualify")
    records = decided("qualify", 40)
    whole = impact_on("qualify", old, new, records)
    parts = Impact()
    for start in range(0, len(records), 13):
        parts.merge(impact_on("qualify", old, new, records[start : start + 13]))
    assert whole.flips.decisions > 0
    assert parts == whole


def test_first_causes_are_rules_with_their_conditions() -> None:
    """qualify@2 to @3: each flip has a cause, and what the draft lacks is named by its path."""
    old, new = catalog().version("qualify", 1), catalog().version("qualify", 2)
    impact = impact_on("qualify", old, new, decided("qualify", 150))
    assert impact.flips.decisions
    for key in impact.causes:
        assert key.cause.how in {"alone", "but for", "path"} or key.cause.unit == REFUSED
        assert key in impact.examples
    named = {key.cause.unit for key in impact.causes if not key.cause.unit.startswith("#")}
    assert named <= {rule.id for ruleset in (old, new) for rule in ruleset.rules}


def test_what_happened_counts_within_the_window_alone() -> None:
    """A result later than the window is none; a decision younger than it is not counted yet."""
    (decision, _) = decided("qualify", 1)[0]
    ruleset = catalog().version("qualify", decision.version)
    day = decision.as_of

    def happened(result: Result | None, now: int) -> tuple[int, int, int]:
        clock = Clock(now, 90 * DAY)
        impact = Assessor(KINDS["qualify"], ruleset, ruleset, clock).assess([(decision, result)])
        (found,) = impact.happened.values()
        return found.mature, found.open, found.successes

    def won(after: int) -> Result:
        at = day + after * DAY
        return Result("default", decision.id, 1, "WON", at, at, None, "", "", "ann", "")

    assert happened(won(10), day + 91 * DAY) == (1, 0, 1)
    assert happened(won(100), day + 120 * DAY) == (1, 0, 0)
    assert happened(won(10), day + 80 * DAY) == (0, 1, 0)
    assert happened(None, day + 91 * DAY) == (1, 0, 0)


def test_rules_that_nothing_exercises_are_listed() -> None:
    """Those that fired on none of the decisions, in the order of the file."""
    ruleset = catalog().version("qualify", 2)
    impact = impact_on("qualify", ruleset, ruleset, decided("qualify", 5))
    idle = idle_rules(impact, ruleset)
    assert 0 < len(idle) < len(ruleset.rules)
    assert not set(idle) & set(impact.fired)
    assert Transition("A", "A").is_flip is False


def test_a_kind_that_fails_on_a_question_hides_no_other() -> None:
    """It is told as an outcome of its own."""

    def conclude(*_: object) -> Conclusion:
        raise ValueError("a fault of ours")

    kind = dataclasses.replace(KINDS["qualify"], conclude=conclude, brief=None)
    ruleset = catalog().version("qualify", 2)
    impact = Assessor(kind, ruleset, ruleset, CLOCK).assess(decided("qualify", 3))
    assert {tuple(pair): weight.decisions for pair, weight in impact.matrix.items()} == {
        (FAILED, FAILED): 3
    }
