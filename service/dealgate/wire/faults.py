"""What is wrong in rule files, and what came of a change in them, as callers see it."""

from collections.abc import Iterable

from dealgate.model import words
from dealgate.model.changes import Found
from dealgate.model.editions import Reload
from dealgate.model.faults import Fault
from dealgate.model.instants import timestamp
from dealgate.v1 import rule_service_pb2 as pb

SHOWN = 100  # faults in one answer


def told(reload: Reload) -> pb.Reload:
    """Return the reload as the contracts say it."""
    return pb.Reload(
        at=timestamp(reload.at),
        outcome=words.number_of(pb.ReloadOutcome, reload.outcome),
        faults=shown(reload.faults[:SHOWN]),
        fault_count=len(reload.faults),
    )


def shown(faults: Iterable[Fault | Found]) -> list[pb.RuleFault]:
    """Return the faults as the contracts say them."""
    return [
        pb.RuleFault(
            file=fault.location.file,
            line=fault.location.line,
            column=fault.location.column,
            message=fault.message,
            hint=fault.hint,
            code=fault.code,
        )
        for fault in faults
    ]
