"""What became of a recorded decision that was decided again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from google.protobuf.message import Message

from dealgate.model import from_state
from dealgate.model.decision import Decision, Question
from dealgate.model.provenance import Change


class ReplayVerdict(Enum):
    """How an answer compares with the one that was recorded."""

    EQUAL = "equal"  # byte for byte
    EQUAL_MESSAGE = "equal message"  # the same message, written in other bytes
    REFERENCE_DATA = "reference data"  # only the lists that the answer names are others
    CHANGED = "changed"  # it differs, and so does something that it rests on
    DIFFERS = "differs"  # it differs, and nothing that was recorded of it does
    ERASED = "erased"  # it is about somebody who was erased, so there is nothing to compare
    NOT_REPLAYED = "not replayed"  # its rule set is not here, or its record is damaged

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong: the same answer but for names of lists, or none by intent."""
        return self in {
            ReplayVerdict.EQUAL,
            ReplayVerdict.EQUAL_MESSAGE,
            ReplayVerdict.REFERENCE_DATA,
            ReplayVerdict.ERASED,
        }


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision decided again. `outcome` is the word it comes to here; empty: none.

    `fields` are the parts of the answer that differ ("outcome.sla_due", "header.evidence"), and
    `changes` what it rests on that is not what it was then. `because` says why there is nothing to
    compare, or what was not recorded.
    """

    decision_id: str
    ruleset: str
    verdict: ReplayVerdict
    recorded: str = ""
    outcome: str = ""
    fields: Sequence[str] = ()
    changes: Sequence[Change] = ()
    because: str = ""


def asked_then(decision: Decision, facts: Message, header: Any) -> Question:
    """Return the question that a recorded decision answers; `header` is that of its answer."""
    return Question(
        id=decision.id,
        kind=decision.kind,
        facts=facts,
        as_of=decision.as_of,
        asked_at=decision.decided_at,
        version=decision.version,
        tenant=decision.tenant,
        trace_id=decision.trace_id,
        unsettled=tuple(header.scope_missing_facts),
        from_state=from_state.recorded(header),
    )
