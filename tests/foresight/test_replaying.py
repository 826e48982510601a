"""Exact replay: the same bytes, or the name of what has changed."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.assemble.provenance import made_with
from dealgate.engine.native import SEMANTICS
from dealgate.foresight.replaying import Replayer
from dealgate.foresight.summary import Summary, restored
from dealgate.journal.memory import MemoryJournal
from dealgate.journal.urls import open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import RecordDamaged
from dealgate.model.kind import AnyKind
from dealgate.model.provenance import Change, Provenance
from dealgate.model.replays import ReplayVerdict
from dealgate.model.rules import AnyRuleSet
from tests.foresight.recording import asked, cases, recorded
from tests.journal.conftest import NewUrl
from tests.shipped import catalog

NAMES = sorted(KINDS)


def replayer(here: Provenance | None = None) -> Replayer:
    """Return one by the shipped rules; `here` is what decisions would be made with."""

    def given_(kind: AnyKind, ruleset: AnyRuleSet) -> Provenance | None:
        return here or made_with(kind, ruleset)

    return Replayer(KINDS, catalog(), given_)


async def one(kind: str = "qualify", number: int = 0) -> Decision:
    """Return a recorded decision."""
    (decision,) = await recorded(MemoryJournal(), [asked(cases(kind)[number])])
    return decision


choices = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 1000), st.booleans()), min_size=1, max_size=6
)


@given(choices)
@settings(max_examples=10)
def test_a_replay_of_any_journal_is_byte_equal(chosen: Sequence[tuple[str, int, bool]]) -> None:
    """Whatever was asked, of any kind, explained or not."""

    async def replays() -> list[ReplayVerdict]:
        journal = MemoryJournal()
        questions = [
            asked(cases(kind)[number % len(cases(kind))], explain=explain)
            for kind, number, explain in chosen
        ]
        await recorded(journal, questions)
        page = await journal.find(DecisionFilter("default"))
        replay = replayer().replay
        return [replay(decision).verdict for decision in page.decisions]

    assert set(asyncio.run(replays())) <= {ReplayVerdict.EQUAL}


@pytest.mark.parametrize("keeper", ["sqlite", "postgres"])
async def test_what_a_lasting_journal_gives_back_replays(keeper: str, new_url: NewUrl) -> None:
    """A decision of each kind, read as `dealgate replay` reads it; from an instant, a position."""
    url = new_url(keeper)
    journal = await open_journal(url)
    questions = [asked(cases(kind)[0], explain=index % 2 == 0) for index, kind in enumerate(NAMES)]
    kept = await recorded(journal, questions)
    await journal.close()

    def read(**chosen: Any) -> list[Decision]:
        records = reader(url).of_tenant("default")(NAMES, **chosen)
        return [record[0] for record in records if not isinstance(record, RecordDamaged)]

    decisions = await asyncio.to_thread(read)
    assert decisions == kept
    assert {decision.provenance is not None for decision in decisions} == {True}
    replay = replayer().replay
    assert {replay(decision).verdict for decision in decisions} == {ReplayVerdict.EQUAL}
    assert await asyncio.to_thread(read, after=kept[2].id) == kept[3:]
    assert await asyncio.to_thread(read, since=kept[4].decided_at) == kept[4:]


async def test_what_has_changed_is_named() -> None:
    """Rules, engine, code, contract, defaults, lists and zones: each by its name, then and here."""
    decision = await one()
    made = decision.provenance
    assert made is not None
    other = Provenance("f", "c", "p", made.lists.replace("holidays ", "holidays 9."), "1999a")
    changed = dataclasses.replace(
        decision, digest="0" * 64, engine="native/0", answer=decision.answer + b"\x12\x00"
    )
    replayed = replayer(other).replay(changed)
    assert replayed.verdict is ReplayVerdict.CHANGED
    subjects = [change.subject for change in replayed.changes]
    assert subjects == [
        f"rules of {replayed.ruleset}",
        "engine",
        "code of the kind",
        "contract",
        "parameters with their defaults",
        "time-zone data",
        "list holidays",
    ]
    assert replayed.changes[1] == Change("engine", "native/0", SEMANTICS)


async def test_a_difference_without_a_cause_is_told_apart() -> None:
    """An answer that differs though nothing changed is a defect: its fields are named."""
    decision = await one()
    response: Any = KINDS["qualify"].response.FromString(decision.answer)
    response.outcome.reason_codes.append("XX-1")
    other = dataclasses.replace(decision, answer=response.SerializeToString(deterministic=True))
    replayed = replayer().replay(other)
    assert (replayed.verdict, replayed.fields) == (
        ReplayVerdict.DIFFERS,
        ("outcome.reason_codes",),
    )
    unknown = replayer().replay(dataclasses.replace(other, provenance=None))
    assert "was not recorded" in unknown.because


async def test_other_lists_are_told_apart() -> None:
    """An answer that differs only in the lists it names is the same answer."""
    decision = await one("verify")
    response: Any = KINDS["verify"].response.FromString(decision.answer)
    response.outcome.reference_data[0] = "phonenumbers 8"
    other = dataclasses.replace(decision, answer=response.SerializeToString(deterministic=True))
    replayed = replayer().replay(other)
    assert (replayed.verdict, replayed.fields) == (
        ReplayVerdict.REFERENCE_DATA,
        ("outcome.reference_data",),
    )


async def test_other_bytes_of_the_same_message_are_told_apart() -> None:
    """Protobuf promises bytes within a release alone; the message is what counts."""
    decision = await one()
    other = dataclasses.replace(decision, answer=decision.answer + b"\x12\x00")
    assert replayer().replay(other).verdict is ReplayVerdict.EQUAL_MESSAGE


async def test_what_cannot_be_replayed_says_why() -> None:
    """A version that is gone, a kind nobody knows."""
    decision = await one()
    gone = replayer().replay(dataclasses.replace(decision, version=99))
    strange = replayer().replay(dataclasses.replace(decision, kind="astrology"))
    assert gone.verdict is strange.verdict is ReplayVerdict.NOT_REPLAYED
    assert "there is no qualify@99" in gone.because
    assert strange.because == "there is no kind astrology here"


async def test_facts_that_are_refused_here_are_named_by_their_paths() -> None:
    """Never with their values."""
    decision = await one()
    facts: Any = KINDS["qualify"].facts.FromString(decision.facts)
    facts.lead.company.employees = -1
    refused = replayer().replay(dataclasses.replace(decision, facts=facts.SerializeToString()))
    assert refused.verdict is ReplayVerdict.DIFFERS
    assert refused.because == "the facts are refused here: lead.company.employees"


async def test_a_summary_goes_on_where_it_stopped() -> None:
    """What a file kept of it is the whole of it: counts, examples and position."""
    decision = await one()
    summary = Summary()
    summary.add([replayer().replay(decision)])
    summary.add([replayer().replay(dataclasses.replace(decision, version=99))])
    summary.add([RecordDamaged("rotten")])
    again = restored(summary.document())
    assert again == summary
    assert (again.decisions, again.unsound, again.equal) == (2, 2, 1)
    assert again.position == decision.id


def test_provenance_is_the_same_in_any_process() -> None:
    """Nothing in it depends on the order of a set or on an address."""
    for ruleset in catalog().all():
        made = made_with(KINDS[ruleset.kind], ruleset)
        assert made == made_with(KINDS[ruleset.kind], ruleset)
        assert " object at 0x" not in repr(made)
        assert "holidays 0" in made.lists
