"""What every journal promises about results, and that a kill costs none that was acknowledged."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dealgate.journal.port import Journal
from dealgate.journal.sqlite.journal import SqliteJournal
from dealgate.journal.urls import open_journal
from dealgate.model.decision import Decision
from dealgate.model.errors import ResultExists, Stale, Unavailable, UnknownDecision
from dealgate.model.results import Result
from tests.journal.appender import result as appended
from tests.journal.decisions import JULY, decision
from tests.journal.several import Several
from tests.journal.test_kill import killed_while_appending


def result(of: Decision, **changes: Any) -> Result:
    """The first result of a decision: won for EUR 120, an hour later."""
    hour = 3_600_000_000_000
    values = {
        "tenant": of.tenant,
        "decision_id": of.id,
        "revision": 1,
        "type": "WON",
        "happened_at": JULY + hour,
        "recorded_at": JULY + 2 * hour,
        "amount": 12_000,
        "currency": "EUR",
        "reason": "price ✓",
        "recorded_by": "crm",
        "because": "",
    }
    return Result(**{**values, **changes})


async def told(journal: Journal, of: Decision) -> list[Result]:
    """Return what the journal knows of a decision's results."""
    found = await journal.results(of.tenant, [of.id])
    return list(found.get(of.id, ()))


async def test_a_result_comes_back_exactly(journal: Journal) -> None:
    """Every field survives; an amount that is not known stays not known."""
    first, second = await journal.append(decision(1)), await journal.append(decision(2))
    won = result(first, amount=-(2**63) + 1)
    lost = result(second, type="LOST", amount=None, currency="", reason="", recorded_by="")
    assert await journal.attach(won) == won
    assert await journal.attach(lost) == lost
    found = await journal.results("default", [first.id, second.id, decision(3).id])
    assert {known: list(told) for known, told in found.items()} == {
        first.id: [won],
        second.id: [lost],
    }


async def test_a_repeat_gets_what_was_recorded(journal: Journal) -> None:
    """The same result again, told later, is the first one, and nothing is added."""
    of = await journal.append(decision())
    first = await journal.attach(result(of))
    assert await journal.attach(result(of, recorded_at=JULY + 9)) == first
    assert await told(journal, of) == [first]


@pytest.mark.parametrize(
    "change", [{"type": "LOST"}, {"amount": 1}, {"amount": None}, {"recorded_by": "ann"}]
)
async def test_another_result_is_refused(journal: Journal, change: dict[str, Any]) -> None:
    """A decision has one result: another one that corrects nothing is refused, with the cure."""
    of = await journal.append(decision())
    first = await journal.attach(result(of))
    with pytest.raises(ResultExists, match="revision 1; to correct it, name that revision"):
        await journal.attach(result(of, **change))
    assert await told(journal, of) == [first]


async def test_a_correction_is_added(journal: Journal) -> None:
    """Each correction is one more revision, and repeats of any revision get that revision."""
    of = await journal.append(decision())
    one = await journal.attach(result(of))
    two = await journal.attach(result(of, revision=2, type="LOST", because="Wrong deal."))
    three = await journal.attach(result(of, revision=3, because="It was the right one."))
    assert await told(journal, of) == [one, two, three]
    for known in (one, two, three):
        assert await journal.attach(known) == known
    assert await told(journal, of) == [one, two, three]


@pytest.mark.parametrize("revision", [2, 4])
async def test_only_the_newest_is_corrected(journal: Journal, revision: int) -> None:
    """A correction of what is no longer, or not yet, the newest revision is refused."""
    of = await journal.append(decision())
    await journal.attach(result(of))
    await journal.attach(result(of, revision=2, type="LOST", because="Wrong deal."))
    with pytest.raises(Stale, match="is at revision 2"):
        await journal.attach(result(of, revision=revision, because="Another reason."))
    assert len(await told(journal, of)) == 2


async def test_racing_results_leave_one_winner(journal: Journal) -> None:
    """Of callers that race with different results, one wins; the rest are told."""
    of = await journal.append(decision())
    attempts = [result(of, amount=n) for n in range(20)]
    answers = await asyncio.gather(*map(journal.attach, attempts), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, Result)]
    assert len(winners) == 1
    assert sum(isinstance(answer, ResultExists) for answer in answers) == 19
    assert await told(journal, of) == winners


async def test_results_need_a_decision_of_the_tenants(journal: Journal) -> None:
    """Nobody can tell about a decision that is another tenant's, or nobody's; nor read of it."""
    of = await journal.append(decision())
    for stranger in (replace(result(of), tenant="acme"), result(decision(2))):
        with pytest.raises(UnknownDecision):
            await journal.attach(stranger)
    with pytest.raises(UnknownDecision):
        await journal.attach(result(of, decision_id="no id"))
    await journal.attach(result(of))
    assert not await journal.results("acme", [of.id])


async def test_a_result_may_come_with_its_decision(journal: Journal) -> None:
    """Told in the same breath as decisions, in one commit, both are kept."""
    batch = [decision(n) for n in range(20)]
    if isinstance(journal, Several):  # what two processes hear at once, they may keep in any order
        journal = journal.writers[0]
    entries = [(journal.append(one), journal.attach(result(one))) for one in batch]
    answers = await asyncio.gather(*(call for pair in entries for call in pair))
    assert [one for one in answers if isinstance(one, Result)] == [result(one) for one in batch]


async def test_results_outlive_the_process(lasting_url: str) -> None:
    """A journal that is opened again knows them, and one that is closed says so."""
    journal = await open_journal(lasting_url)
    of = await journal.append(decision())
    kept = await journal.attach(result(of))
    await journal.close()
    with pytest.raises(Unavailable):
        await journal.attach(kept)
    with pytest.raises(Unavailable):
        await journal.results("default", [of.id])
    again = await open_journal(lasting_url)
    assert await told(again, of) == [kept]
    await again.close()


async def test_sigkill_costs_no_acknowledged_result(tmp_path: Path) -> None:
    """Killed while decisions and results stream in: every acknowledged result is there."""
    path = tmp_path / "journal.db"
    ids = killed_while_appending(path, 500, "results")
    journal = await SqliteJournal.open(path)
    found = await journal.results("default", ids)
    assert [list(found[known]) for known in ids] == [[appended(known)] for known in ids]
    await journal.close()
