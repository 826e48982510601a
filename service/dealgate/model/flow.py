"""A flow's question and answer: several decisions about one thing, asked for in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import Message

from dealgate.model.decision import Decision
from dealgate.model.errors import Violation
from dealgate.model.from_state import FromState


@dataclass(frozen=True, slots=True)
class FlowQuestion:
    """What one call asks of a flow. Instants are nanoseconds since the epoch, UTC.

    `facts` are the flow's own. `ids` are those of its steps, one for each that it may take, from
    the one reading of the clock that made `id` and `asked_at`. `steps` names the steps to take, all
    if it is empty; `versions` those that are to decide, by kind. The rest is as in `Question`.
    """

    id: str
    flow: str
    facts: Message
    ids: Sequence[str]
    as_of: int
    asked_at: int
    as_of_given: bool = False
    versions: Mapping[str, int] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    tenant: str = "default"
    key: str | None = None
    explain: bool = False
    dry_run: bool = False
    violations: tuple[Violation, ...] = ()
    sent: Message | None = None
    as_sent: bool = False
    from_state: tuple[FromState, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """The answer's bytes, the decisions in it, and in one word why it took no further step.

    `repeats` tells that another call under the same key took them.
    """

    id: str
    data: bytes
    decisions: Sequence[Decision]
    stop: str
    repeats: bool = False
