"""Public data in the story: what the impact on its first half predicts for its second half."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import maven, xeducation
from bench.real_data import with_drafts
from dealgate.desk.reading import read_rules
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.foresight.impact import Impact, TransitionResults
from dealgate.journal.port import Recorded
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision
from dealgate.model.instants import DAY
from dealgate.model.results import Result
from dealgate.model.statistics import wilson

AS_OF = 1_514_764_800 * 10**9  # 1 January 2018: after both
LARGEST = 6  # transitions shown


@dataclass(frozen=True)
class Story:
    """A kind, two versions, and rows as facts with what became of them."""

    title: str
    kind: str
    old: int
    new: int
    rows: Callable[[Path], Iterator[tuple[bytes, str]]]


def told(name: str, data: Path) -> Iterator[str]:
    """Yield the section of one data set."""
    story = STORIES[name]
    rows = list(story.rows(data))
    with tempfile.TemporaryDirectory() as folder:
        with_drafts(Path(folder))
        catalog = read_rules(Path(folder), story.kind)
    old, new = (catalog.version(story.kind, number) for number in (story.old, story.new))
    assessor = Assessor(KINDS[story.kind], old, new, Clock(AS_OF + 400 * DAY, 90 * DAY))
    halves = [assessor.assess(_records(story.kind, rows[start::2])) for start in (0, 1)]
    first, second = halves
    yield f"\n## {story.title}"
    yield (
        f"\n{new.name} against {old.name} on every second row, {first.decisions:,} in all; the "
        f"other {second.decisions:,} say whether it held. Neither version treated anybody here, "
        "so what became of a transition should come again."
    )
    yield "\n| | predicted, 95 % interval | came |"
    yield "| --- | --- | --- |"
    yield f"| outcomes that flip | {_share(first)} | {second.share:.1%} |"
    yield from _transitions(first, second)


def _transitions(first: Impact, second: Impact) -> Iterator[str]:
    """Yield the largest transitions: the share that succeeds, then and afterwards."""
    largest = sorted(first.happened.items(), key=lambda item: -item[1].mature)[:LARGEST]
    for transition, happened in largest:
        later = second.happened.get(transition, TransitionResults())
        if happened.mature and later.mature:
            yield (
                f"| successes of {transition} | {_interval(happened.successes, happened.mature)} "
                f"| {later.successes / later.mature:.1%} of {later.mature:,} |"
            )


def _share(impact: Impact) -> str:
    return _interval(impact.flips.decisions, impact.decisions)


def _interval(hits: int, count: int) -> str:
    found = wilson(hits, count, "0.95")
    return f"{float(found.low):.1%} to {float(found.high):.1%}"


def _records(kind: str, rows: Sequence[tuple[bytes, str]]) -> Iterator[Recorded]:
    for number, (facts, type_) in enumerate(rows):
        decision = _decision(kind, number, facts)
        told_at = AS_OF + DAY
        result = Result(
            "default", decision.id, 1, type_, told_at, told_at, None, "", "", "the file", ""
        )
        yield decision, result if type_ else None


def _decision(kind: str, number: int, facts: bytes) -> Decision:
    """Return a decision with what an impact reads of it."""
    read: Any = KINDS[kind].facts.FromString(facts)
    return Decision(
        id=f"{number:036}",
        tenant="default",
        kind=kind,
        entity=KINDS[kind].entity_of(read),
        version=0,
        digest="",
        engine="",
        as_of=AS_OF,
        decided_at=AS_OF + number,
        trace_id="",
        facts=facts,
        answer=b"",
        outcome="",
        fired=(),
        key=None,
        body_hash=b"",
    )


def _leads(data: Path) -> Iterator[tuple[bytes, str]]:
    for row in xeducation.read(data):
        bought = "CONVERTED" if xeducation.converted(row) else "NOT_CONVERTED"
        yield xeducation.cleaned(row).SerializeToString(), bought


def _deals(data: Path) -> Iterator[tuple[bytes, str]]:
    ends = {"Won": "WON", "Lost": "LOST"}
    for row in maven.read(data):
        yield maven.cleaned(row).SerializeToString(), ends.get(row.deal["deal_stage"], "")


STORIES: Mapping[str, Story] = {
    "leads_xeducation": Story("X Education: scores of a draft", "score", 4, 99, _leads),
    "crm_maven": Story("Maven: gates of a stage", "advance", 2, 4, _deals),
}
