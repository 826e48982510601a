"""What a flow is made of: steps in order, whose facts are filled in from earlier answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from google.protobuf.message import Message

from dealgate.v1.flow_pb2 import FlowStop

Known = TypeVar("Known", bound=Message)
Told = TypeVar("Told", bound=Message)


class Fed(NamedTuple):
    """A fact that came from elsewhere: `source` is its path there, `target` where it went."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The facts of a step, and which of them come from earlier steps."""

    facts: Message
    fed: Sequence[Fed] = ()


@dataclass(frozen=True, slots=True)
class Step(Generic[Known, Told]):
    """One decision of a flow, by the rules of `kind`.

    `fill` makes its facts of the flow's facts, the response as far as it is told, and as_of. Those
    of its facts that are `shared` come from the flow's, by path: {"deals[0].opportunity":
    "opportunity"}; those in `told_by` come from an earlier step, if that is taken. A caller sends
    neither. `stop` says why the flow takes no further step; None: it goes on.
    """

    kind: str
    fill: Callable[[Known, Told, int], Filled]
    shared: Mapping[str, str]
    told_by: Mapping[str, str] = field(default_factory=dict)
    stop: Callable[[Told], FlowStop.ValueType | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Flow(Generic[Known, Told]):
    """Steps, in the order they are taken; `response` has a field for each, named after its kind."""

    name: str
    response: type[Told]
    steps: Sequence[Step[Known, Told]]

    def chosen(self, kinds: Sequence[str]) -> Sequence[Step[Known, Told]]:
        """Return the steps of these kinds in the flow's order; all of them if none is named."""
        return [step for step in self.steps if not kinds or step.kind in kinds]


AnyFlow: TypeAlias = Flow[Any, Any]
AnyStep: TypeAlias = Step[Any, Any]
