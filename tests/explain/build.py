"""A kind small enough to see through: its outcome is the first rule that fires."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.engine.native import NativeEngine
from dealgate.explain.fact_positions import changed
from dealgate.explain.flip_results import Bounds, Flip, Flips
from dealgate.explain.flips import Search
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.language.cel import CelChecker
from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.kind import Kind
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import qualify_pb2 as pb
from tests.engine.building import rule_set

# Wednesday 2026-09-02 12:00 UTC.
AS_OF = 1_788_350_400_000_000_000
CHECKER = CelChecker()


class Nothing(BaseModel):
    """Neither claims nor parameters."""


def _conclude(_: pb.QualifyFacts, __: AnyRuleSet, evidence: AnyEvidence, ___: int) -> Conclusion:
    word = evidence.fired[0].rule.id if evidence.fired else "none"
    return Conclusion(pb.QualifyOutcome(reason_codes=[word]), word)


FIRST = Kind(
    name="first",
    request=pb.QualifyLeadRequest,
    response=pb.QualifyLeadResponse,
    facts=pb.QualifyFacts,
    effect=Nothing,
    parameters=Nothing,
    entity="lead/lead.id",
    check=lambda _, __, ___: [],
    conclude=_conclude,
)


def judge(
    rules: Mapping[str, str],
    facts: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    each: Mapping[str, tuple[str, str]] | None = None,
) -> WhatIfJudge:
    """Return a judge by these rules."""
    message = pb.QualifyFacts.DESCRIPTOR
    made = rule_set(CHECKER, rules, facts=facts, constants=constants, each=each, message=message)
    return WhatIfJudge(FIRST, NativeEngine().prepare(made), AS_OF)


def saying(
    judging: WhatIfJudge, *, fixed: Sequence[str] = (), changeable: Sequence[str] = ()
) -> WhatIfJudge:
    """Return a judge by rules that say this of what can change."""
    ruleset = replace(judging.program.ruleset, fixed=fixed, changeable=changeable)
    return replace(judging, program=replace(judging.program, ruleset=ruleset))


def search(judging: WhatIfJudge, facts: pb.QualifyFacts, tries: int = 30_000) -> Flips:
    """Return the flips of what is decided on `facts`."""
    base = judging.judge(facts)
    assert base is not None
    return Search(judging, facts, base, Bounds(tries)).run()


def told(found: Flips) -> list[tuple[str, dict[str, object]]]:
    """Return each flip's outcome and changes, in order."""
    return [(f.verdict.word, {c.spot.path: c.after for c in f.changes}) for f in found.flips]


def word_after(judging: WhatIfJudge, facts: Message, flip: Flip, without: int | None) -> str:
    """Return what is decided once the flip's changes are made, all or `without` one of them."""
    kept = [change for number, change in enumerate(flip.changes) if number != without]
    verdict = judging.judge(changed(facts, [(one.spot, one.after) for one in kept]))
    return "refused" if verdict is None else verdict.word
