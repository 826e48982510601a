"""Explanations for callers: a real server explains what it decided, and goes on deciding."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from dealgate.aside.queues import WorkQueue
from dealgate.assemble.server import serving
from dealgate.decide import Decider
from dealgate.explain.answering import Explainer
from dealgate.explain.flip_results import Bounds
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import Overloaded, UnknownRuleSet
from dealgate.settings import Settings
from dealgate.v1 import lead_pb2
from dealgate.v1 import qualify_pb2 as pb
from dealgate_client import AsyncClient, Company, DecisionNotFound, Lead, Truth
from tests.explain.build import AS_OF
from tests.shipped import ENGINE, cases_of, catalog, folder_of
from tests.unrecorded import NoJournal, question_of

WAITING = 8

NOBODY = "00000000-0000-7000-8000-000000000000"


async def decided(**facts: object) -> Decision:
    """Return a decision of qualify@2 on these facts of a lead."""
    lead = lead_pb2.Lead(id="L1", **facts)  # type: ignore[arg-type]  # as a caller gives them
    question = Question(
        NOBODY, "qualify", pb.QualifyFacts(lead=lead), AS_OF, AS_OF, version=2, dry_run=True
    )
    decision = await Decider(KINDS, catalog(), ENGINE, NoJournal()).decide(question)
    return dataclasses.replace(decision, trace_id="")


class Accepting(NoJournal):
    """Takes every decision for the first of its key and turn."""

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Return them."""
        return decisions


@pytest.fixture
async def explainer() -> AsyncIterator[Explainer]:
    """An explainer that does not look far."""
    queue = WorkQueue("explanation", where="thread", waiting=WAITING - 1)
    yield Explainer(catalog, queue, Bounds(tries=300))
    await queue.close()


async def test_a_server_explains_what_it_decided(tmp_path: Path) -> None:
    """Over gRPC: conditions of every rule, missing facts that matter, flips and their rules."""
    settings = Settings(
        address="localhost:0",
        rules=folder_of(tmp_path, "score"),
        journal=f"{tmp_path}/journal.db",
        lame_duck=0,
    )
    async with (
        serving(settings) as running,
        AsyncClient(f"localhost:{running.port}", timeout=60) as client,
    ):
        lead = Lead(id="00Q1", company=Company(employees=400))
        answer = await client.score_lead(lead=lead, rule_set_version=2)
        told = await client.explain_decision(answer.header.decision_id, flips_per_outcome=2)
        assert (told.outcome, told.difference) == (answer.outcome.grade, "")
        assert "mid-market" in told.deciding_rule_ids
        fired = next(rule for rule in told.rules if rule.rule_id == "mid-market")
        assert fired.conditions[0].truth == Truth.TRUTH_TRUE
        missing = [fact.path for fact in told.missing_facts]
        assert missing == list(answer.header.missing_facts)
        assert all(flip.outcome != told.outcome and flip.rules for flip in told.flips)
        with pytest.raises(DecisionNotFound):
            await client.explain_decision(NOBODY)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_kind_is_explained(explainer: Explainer, kind: str) -> None:
    """A decision on the facts of a shipped case comes out again, and is searched for flips."""
    file = cases_of(kind, catalog().at(kind, AS_OF).version)
    question = next(question_of(file.ruleset, one) for one in file.cases if one.error is None)
    asked = dataclasses.replace(question, dry_run=False)
    decision = await Decider(KINDS, catalog(), ENGINE, Accepting()).decide(asked)
    told = await explainer.explain(decision, 1)
    assert told.difference == ""
    assert told.outcome == decision.outcome
    assert told.verdicts > 0


async def test_a_difference_from_the_record_is_told(explainer: Explainer) -> None:
    """An answer that comes out otherwise today is not passed off as the recorded one."""
    decision = await decided()
    other = dataclasses.replace(decision, outcome="MQL")
    told = await explainer.explain(other, 1)
    assert told.difference == "recorded was MQL, but this Dealgate decides HOLD"
    digest = dataclasses.replace(decision, digest="0" * 64)
    assert "is not what decided then" in (await explainer.explain(digest, 1)).difference


async def test_a_version_that_is_gone_is_unknown(explainer: Explainer) -> None:
    """Without its rules a decision cannot be taken again."""
    gone = dataclasses.replace(await decided(), version=99)
    with pytest.raises(UnknownRuleSet):
        await explainer.explain(gone, 1)


async def test_too_many_at_once_are_shed(explainer: Explainer) -> None:
    """Those that wait are answered; one more is told when to come back."""
    decision = await decided()
    asked = [asyncio.create_task(explainer.explain(decision, 1)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as shed:
        await explainer.explain(decision, 1)
    assert shed.value.retry_after > 0
    assert {told.outcome for told in await asyncio.gather(*asked)} == {"HOLD"}
    assert (await explainer.explain(decision, 1)).outcome == "HOLD"
