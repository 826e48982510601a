"""Decisions of declared kinds in bulk: streamed, exported, replayed and counted like any other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

import duckdb
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.foresight.parquet import export
from dealgate.insight.effects import rule_effectiveness
from dealgate.insight.traffic import Traffic
from dealgate.insight.violations import violations
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision
from dealgate.model.results import Result
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1 import insight_pb2
from dealgate.wire.arrival import Arrival
from dealgate.wire.bulk import Bulk
from tests.declared.test_kinds import (
    EXAMPLES,
    ID,
    answered,
    caller,
    checked,
    decider,
    known_kinds,
)
from tests.foresight.recording import MARCH

QUOTE = {"id": "Q1", "discount": "0.25", "amount": "EUR 120000.00", "payment": "net_30"}
LOW = {"id": "Q2", "discount": "0.05", "amount": "EUR 900.00", "payment": "prepaid"}


def id_of(number: int) -> str:
    """Return the id of a decision."""
    return f"019ca000-0000-7000-8000-{number:012d}"


def decision_of(quote: dict[str, str], number: int = 0) -> Decision:
    """Return a recorded decision on a discount."""
    journal = MemoryJournal()
    answered("discount", {"quote": quote, "seller": {"level": "junior"}}, journal)
    decision = asyncio.run(journal.get("default", ID))
    return replace(decision, id=id_of(number)) if number else decision


def test_a_stream_holds_declared_questions() -> None:
    """Batch after batch; what is wrong in one question spoils neither the others nor the stream."""
    current = decider(MemoryJournal())
    numbers = count()
    bulk = Bulk(KINDS, lambda: current.decide_all, lambda: Arrival(id_of(next(numbers)), MARCH))

    async def batches() -> AsyncIterator[bytes]:
        for number, discount in enumerate(("0.05", "2", "0.25")):
            request = pb.StreamDecideRequest(batch_id=str(number), questions=[pb.Question()])
            request.questions[0].declared.kind = "discount"
            request.questions[0].declared.facts.update({"quote": {**QUOTE, "discount": discount}})
            yield request.SerializeToString()

    async def replies() -> list[pb.StreamDecideResponse]:
        stream = bulk.stream(batches(), caller())
        return [pb.StreamDecideResponse.FromString(data) async for data in stream]

    good, bad, again = asyncio.run(replies())
    assert [good.batch_id, bad.batch_id, again.batch_id] == ["0", "1", "2"]
    assert good.answers[0].declared.header.kind == "discount"
    assert "declared.facts.quote.discount" in str(bad.answers[0].error)
    assert again.answers[0].declared.outcome["approvers"]


def test_declared_decisions_are_exported_with_typed_columns(tmp_path: Path) -> None:
    """Words, lists, numbers and the amount that the decision is about."""
    kind = checked().catalog.kinds["discount"]
    (file,) = export([(decision_of(QUOTE), None), (decision_of(LOW, 1), None)], kind, tmp_path)
    assert file.decisions == 2
    rows = (
        duckdb.connect()
        .execute(
            "SELECT outcome, outcome_verdict, outcome_approvers, outcome_open, money_minor, "
            f"currency FROM '{file.path}' ORDER BY id"
        )
        .fetchall()
    )
    assert rows == [
        ("NEEDS_APPROVAL", "needs_approval", ["deal_desk"], [], Decimal(12_000_000), "EUR"),
        (rows[1][0], rows[1][1], rows[1][2], rows[1][3], Decimal(90_000), "EUR"),
    ]


def test_declared_kinds_are_exported_and_replayed_by_command(tmp_path: Path) -> None:
    """Those that the rules folder declares; by default all that there are."""
    url, decision = str(tmp_path / "journal.db"), decision_of(QUOTE)

    async def keep() -> None:
        journal = await open_journal(url)
        await journal.append_all([decision])
        await journal.close()

    asyncio.run(keep())
    run = CliRunner().invoke
    common = ["--journal", url, "--rules", str(EXAMPLES)]
    out = run(app, ["export", str(tmp_path / "out"), "--kind", "discount", *common])
    assert "discount/2026-03.parquet: 1 decisions" in out.output, out.output
    wrong = run(app, ["export", str(tmp_path / "out"), "--kind", "discounts", *common])
    assert "is not a kind" in wrong.output
    assert "discount" in wrong.output
    told = run(app, ["replay", "--all", "--jobs", "1", *common])
    assert "1" in told.output, told.output
    assert told.exit_code == 0, told.output


def test_declared_decisions_are_counted_by_their_own_word() -> None:
    """And by the rules that fired; a kind that nobody declares is refused."""
    won, lost = decision_of(QUOTE, 1), decision_of(LOW, 2)
    day = 86_400 * 10**9
    ended = [
        (each, Result("default", each.id, 1, type_, MARCH + day, MARCH + day, None, "", "", "", ""))
        for each, type_ in ((won, "WON"), (lost, "LOST"))
    ]
    request = insight_pb2.GetRuleEffectivenessRequest(kind="discount")
    assert not violations(request, known_kinds())
    request.kind = "nobody"
    assert "discount" in violations(request, known_kinds())[0].description
    request.kind = "discount"
    told = rule_effectiveness(request, Traffic(lambda _: iter(ended)), MARCH + 2 * day)
    assert {each.outcome: each.precision.numerator for each in told.outcomes}[won.outcome] == 1
    assert {each.rule_id for each in told.rules} >= {"matrix/mid-large"}
