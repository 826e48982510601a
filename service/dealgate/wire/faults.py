"""What is wrong in rule files, and what came of a change in them, as callers see it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from dealgate.model.codes import Code
from dealgate.model.instants import timestamp
from dealgate.model.rules import Place
from dealgate.v1 import rule_service_pb2 as pb

SHOWN = 100  # faults in one answer


class Fault(Protocol):
    """What is wrong at a place in a rule file."""

    @property
    def place(self) -> Place:
        """Where."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def hint(self) -> str:
        """The cure; empty: none is known."""

    @property
    def code(self) -> Code:
        """Its stable name."""


class Reload(Protocol):
    """What came of a change in the rules folder."""

    @property
    def at(self) -> int:
        """When, in nanoseconds."""

    @property
    def outcome(self) -> str:
        """`taken`, `refused` or `reverted`."""

    @property
    def faults(self) -> Sequence[Fault]:
        """Why it was refused."""


def told(reload: Reload) -> pb.Reload:
    """Return the reload as the contracts say it."""
    return pb.Reload(
        at=timestamp(reload.at),
        outcome=pb.ReloadOutcome.Value(f"RELOAD_OUTCOME_{reload.outcome.upper()}"),
        faults=shown(reload.faults[:SHOWN]),
        fault_count=len(reload.faults),
    )


def shown(faults: Iterable[Fault]) -> list[pb.RuleFault]:
    """Return the faults as the contracts say them."""
    return [
        pb.RuleFault(
            file=fault.place.file,
            line=fault.place.line,
            column=fault.place.column,
            message=fault.message,
            hint=fault.hint,
            code=fault.code,
        )
        for fault in faults
    ]
