"""The laws every journal keeps, whatever holds its records.

1. What is answered is durable: nobody gets a decision before its commit would survive a power loss.
A caller that is cancelled, or gets Unavailable, cannot know; its key tells later. 2. An id is
recorded once. A key, within its lifetime, belongs to one body: its repeats get the
   first answer, another body is refused (`refuse_reuse`).
3. The turns of a series are given in order, each to one decision (`refuse_turn`).
4. A decision has one result, whose revisions are added and never overwritten (`settled`).
5. Everything belongs to one tenant: no read, key, turn, mark or result reaches another's.
6. An entry that cannot be kept, and a record that can no longer be read, fail alone.
7. What is appended together is recorded together, under the key of the first, or not at all.
8. The feed holds each decision and each revision of a result once, in one order that never
   changes; nothing appears behind a position that was handed out.
9. No answer depends on a clock. Ids and `decided_at` come from the servers' clocks, which step
   back and differ; they order pages, and they date keys, and that is all.

Writers race, in one process or in several, and the second of two that race loses by these laws: it
gets KeyReused, TurnTaken, Stale or ResultExists, or the first answer. So code that reads a journal
in order to write to it (`lookup/cursors.py` reads the last turn and asks for the next) must expect
to lose and begin again. While one process writes a journal, waiting in that process makes losing
rare; with several writers it does not, and the attempts have to be many enough for all.
"""

from collections.abc import Sequence

from dealgate.model.decision import Turn
from dealgate.model.errors import (
    KeyReused,
    RecordDamaged,
    ResultExists,
    Stale,
    TurnTaken,
    UnknownDecision,
)
from dealgate.model.results import Result


def refuse_reuse(first_hash: bytes, body_hash: bytes) -> None:
    """Raise KeyReused unless both bodies are the same."""
    if first_hash != body_hash:
        raise KeyReused(
            "options.idempotency_key was used before with another question; "
            "send the question unchanged, or a new key"
        )


def refuse_turn(turn: Turn, last: int) -> None:
    """Raise TurnTaken unless the turn is the one after the last that was given."""
    if turn.number != last + 1:
        raise TurnTaken(
            f"the series is at version {last}, not {turn.number - 1}; "
            "read the current version and retry"
        )


def settled(history: Sequence[Result], proposed: Result) -> Result | None:
    """Return the revision that `proposed` repeats, or None: it is the next one.

    Raises ResultExists if it is another result and corrects none, and Stale if what it
    corrects is not the newest revision.
    """
    index = proposed.revision - 1
    if index < len(history) and history[index].says(proposed):
        return history[index]
    if index == len(history):
        return None
    if index == 0:
        raise ResultExists(
            f"decision {proposed.decision_id} has another result, revision {len(history)}; "
            "to correct it, name that revision in corrects and say because"
        )
    raise Stale(
        f"the result of decision {proposed.decision_id} is at revision {len(history)}, "
        f"not {index}; read it again, and correct the current revision"
    )


def unknown_decision(decision_id: str) -> UnknownDecision:
    """Return the error for an id that is not in the journal."""
    return UnknownDecision(f"there is no decision {decision_id}")


def damaged(decision_id: str) -> RecordDamaged:
    """Return the error for a record that was damaged after it was stored."""
    return RecordDamaged(
        f"the record of decision {decision_id} can no longer be read; "
        "restore it from a backup of the journal"
    )
