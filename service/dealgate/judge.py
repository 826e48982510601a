"""What follows from some facts by one rule set: check → known → fire → conclude.

Everything here is pure, and everybody who wants to know what rules make of facts asks here: the
walk (`decide.py`), cases, mutants, explanations, differences, calibration. It needs no catalog,
key or journal, so a second process can judge with nothing else.

An engine that answers at once is a `Program` (`judged`); one that waits for a process is an
`Engine` (`judge`). Both take the two halves around it: `admitted` before, `concluded` after.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar

from google.protobuf.message import Message

from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.errors import BadQuestion, DealgateError, Violation
from dealgate.model.kind import AnyKind
from dealgate.model.quick import quick
from dealgate.model.rules import AnyRuleSet

Made = TypeVar("Made")


class Engine(Protocol):
    """Which rules fire on these facts?"""

    @property
    def name(self) -> str:
        """The engine and its semantic version: "native/1"."""

    async def fire(
        self, ruleset: AnyRuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> AnyEvidence:
        """Judge every rule. Changes neither argument; raises Unavailable if the engine is down."""


class Program(Protocol):
    """A compiled rule set, which judges at once."""

    @property
    def ruleset(self) -> AnyRuleSet:
        """What was compiled."""

    def fire(self, facts: Message, as_of: int, *, explain: bool) -> AnyEvidence:
        """Judge every rule."""


@quick
@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from facts: the facts as rules saw them, the evidence, and the conclusion.

    A kind that refuses to conclude, as score does if a rule failed, leaves a `refusal` instead.
    """

    known: Message
    evidence: AnyEvidence
    conclusion: Conclusion | None
    refusal: DealgateError | None = None

    @property
    def answer(self) -> Conclusion:
        """The conclusion; raises the refusal if there is none."""
        if self.conclusion is None:
            raise self.refusal or RuntimeError("a verdict needs a conclusion or a refusal")
        return self.conclusion


async def judge(
    kind: AnyKind,
    ruleset: AnyRuleSet,
    engine: Engine,
    facts: Message,
    as_of: int,
    *,
    explain: bool = False,
    violations: Sequence[Violation] = (),
) -> Verdict:
    """Return the verdict; raises BadQuestion for the facts and for any `violations` known before.

    `as_of` is in nanoseconds since the epoch.
    """
    held = list[Any]()
    known = _known(kind, ruleset, facts, as_of, violations, held, explain=explain)
    evidence = await engine.fire(ruleset, known, as_of, explain=explain)
    return concluded(kind, ruleset, known, evidence, as_of)


def judged(
    kind: AnyKind, program: Program, facts: Message, as_of: int, *, explain: bool = False
) -> Verdict:
    """Return the verdict by a compiled rule set; raises BadQuestion."""
    held = list[Any]()
    known = _known(kind, program.ruleset, facts, as_of, (), held, explain=explain)
    evidence = program.fire(known, as_of, explain=explain)
    return concluded(kind, program.ruleset, known, evidence, as_of)


def admitted(
    kind: AnyKind,
    ruleset: AnyRuleSet,
    facts: Message,
    as_of: int,
    violations: Sequence[Violation] = (),
) -> Message:
    """Return the facts as rules see them, or raise BadQuestion with everything wrong with them."""
    return _known(kind, ruleset, facts, as_of, violations, [], explain=True)


def _told_once(violations: Iterable[Violation]) -> list[Violation]:
    """Return the first violation of each field: a value beyond a bound breaks other rules too."""
    first = dict[str, Violation]()
    for violation in violations:
        first.setdefault(violation.field, violation)
    return [*first.values()]


def _known(
    kind: AnyKind,
    ruleset: AnyRuleSet,
    facts: Message,
    as_of: int,
    violations: Sequence[Violation],
    held: list[Any],
    *,
    explain: bool,
) -> Message:
    """As `admitted`; declared properties are made typed only if somebody reads them.

    Messages that were read are added to `held`: as long as it lives, who reads them again need
    not wait until protobuf has made objects of them.
    """
    facts, wrong = kind.admitted(facts, ruleset.parameters, as_of, held.append)
    if violations or wrong:
        raise BadQuestion(_told_once([*violations, *wrong]))
    if ruleset.as_sent and not explain:
        return kind.derived_as_sent(facts, ruleset.parameters, as_of)
    known: Message = kind.derived(facts, ruleset.parameters, as_of)
    return known


def concluded(
    kind: AnyKind, ruleset: AnyRuleSet, known: Message, evidence: AnyEvidence, as_of: int
) -> Verdict:
    """Return what the kind makes of the evidence."""
    try:
        conclusion = kind.conclude(known, ruleset, evidence, as_of)
    except DealgateError as refusal:
        return Verdict(known, evidence, None, refusal)
    return Verdict(known, evidence, conclusion)


class Asked(NamedTuple):
    """Facts, and what judges them when (ns)."""

    kind: AnyKind
    ruleset: AnyRuleSet
    facts: Message
    as_of: int
    explain: bool


async def judge_together(engine: Engine, asked: Sequence[Asked]) -> list[Verdict | None]:
    """Return the verdicts; None where something is wrong: only a caller who asks alone learns what.

    All take one step before the first takes the next: beside each other the steps' code keeps
    throwing one another out of the processor's caches, which costs a third of the time.
    """
    known = [_tried(admitted, *one[:4]) for one in asked]
    evidence = [
        None if facts is None else await _fired(engine, one, facts)
        for one, facts in zip(asked, known, strict=True)
    ]
    return [
        None
        if facts is None or fired is None
        else _tried(concluded, one.kind, one.ruleset, facts, fired, one.as_of)
        for one, facts, fired in zip(asked, known, evidence, strict=True)
    ]


def _tried(step: Callable[..., Made], *of: Any) -> Made | None:
    try:
        return step(*of)
    except Exception:  # noqa: BLE001 - what is wrong with one must not spoil the others
        return None


async def _fired(engine: Engine, asked: Asked, known: Message) -> AnyEvidence | None:
    try:
        return await engine.fire(asked.ruleset, known, asked.as_of, explain=asked.explain)
    except Exception:  # noqa: BLE001 - as above
        return None
