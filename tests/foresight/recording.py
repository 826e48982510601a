"""Decisions on the facts of shipped cases, recorded as a server records them."""

import dataclasses
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import count
from pathlib import Path

from dealgate.assemble.provenance import made_with
from dealgate.decide import Decider, Journal
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Question
from dealgate.rulebook.cases import load_cases
from dealgate.wire.arrival import uuid7
from tests.shipped import catalog
from tests.unrecorded import question_of

RULES = Path(__file__).parents[2] / "rules"
MARCH = 1_772_323_200_000_000_000  # 2026-03-01
_numbers = count()


@cache
def cases(kind: str) -> Sequence[Question]:
    """Return what the cases of the kind's newest version ask, those that are answered."""
    newest = max(
        (ruleset for ruleset in catalog().all() if ruleset.kind == kind),
        key=lambda ruleset: ruleset.version,
    )
    (file,) = load_cases(RULES, KINDS, [newest])
    return [question_of(newest, case) for case in file.cases if case.error is None]


def asked(question: Question, *, explain: bool = False, tenant: str = "default") -> Question:
    """Return the question as a caller asks it: with an id of its own, to be recorded."""
    instant = MARCH + next(_numbers) * 1_000_000
    return dataclasses.replace(
        question,
        id=uuid7(instant),
        asked_at=instant,
        explain=explain,
        tenant=tenant,
        trace_id="0af7651916cd43dd8448eb211c80319c",
        dry_run=False,
    )


async def recorded(journal: Journal, questions: Iterable[Question]) -> list[Decision]:
    """Decide and record them; a turn that another took is left out."""
    decider = Decider(KINDS, catalog(), NativeEngine(), journal, made_with=made_with)
    outcomes = await decider.decide_all(list(questions))
    return [outcome for outcome in outcomes if isinstance(outcome, Decision)]
