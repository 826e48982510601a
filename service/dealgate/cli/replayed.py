"""How replays look to people."""

from collections.abc import Iterator

from dealgate.foresight.summary import Summary
from dealgate.model.replays import Replayed, ReplayVerdict

WORDS = {
    ReplayVerdict.EQUAL: "the same answer, byte for byte",
    ReplayVerdict.EQUAL_MESSAGE: "the same answer, which protobuf writes in other bytes here",
    ReplayVerdict.REFERENCE_DATA: "the same answer, which names other lists",
    ReplayVerdict.CHANGED: "another answer: what it rests on has changed",
    ReplayVerdict.DIFFERS: "ANOTHER ANSWER, and nothing recorded of what it rests on has changed",
    ReplayVerdict.ERASED: "are about somebody who was erased, so nothing is compared",
    ReplayVerdict.NOT_REPLAYED: "could not be replayed",
}


def one_line(replayed: Replayed) -> str:
    """Say what came of one decision, in lines."""
    return "\n".join(_lines(replayed))


def _lines(replayed: Replayed) -> Iterator[str]:
    yield f"{replayed.decision_id} ({replayed.ruleset}): {WORDS[replayed.verdict]}"
    if replayed.recorded != replayed.outcome and replayed.outcome:
        yield f"  recorded {replayed.recorded}, here {replayed.outcome}"
    if replayed.fields:
        yield f"  differs in {', '.join(replayed.fields)}"
    yield from (f"  {change}" for change in replayed.changes)
    if replayed.because:
        yield f"  {replayed.because}"


def summary_lines(summary: Summary) -> Iterator[str]:
    """Say what came of many."""
    for replayed in summary.shown:
        yield one_line(replayed)
    yield f"{summary.decisions:,} decisions replayed"
    for verdict, words in WORDS.items():
        if count := summary.of(verdict):
            yield f"  {count:,}  {words}"
    if summary.damaged:
        yield f"  {summary.damaged:,}  could not be read: their records are damaged"
    if summary.changes:
        yield "What has changed, and how many answers that differ rest on it:"
        yield from (f"  {count:,}  {change}" for change, count in summary.changes.most_common())
    if summary.position:
        yield f"up to {summary.position}; continue with --after {summary.position}"
