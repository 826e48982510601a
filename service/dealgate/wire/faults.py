"""What is wrong in rule files, and what came of a change in them, as callers see it."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from dealgate.model import words
from dealgate.model.changes import Diagnostic
from dealgate.model.editions import Reload
from dealgate.model.faults import Fault
from dealgate.model.instants import timestamp
from dealgate.v1 import rule_service_pb2 as pb

SHOWN = 100  # faults in one answer


def told(reload: Reload, may_know: Callable[[str], bool]) -> pb.Reload:
    """Return the reload as the contracts say it, less what is said of what nobody may know of.

    `may_know` is asked about what could be the name of a scope: "qualify/dach".
    """
    faults = [fault for fault in reload.faults if all(map(may_know, _shelves(fault)))]
    return pb.Reload(
        at=timestamp(reload.at),
        outcome=words.number_of(pb.ReloadOutcome, reload.outcome),
        faults=shown(faults[:SHOWN]),
        fault_count=len(faults),
    )


def _shelves(fault: Fault) -> Iterable[str]:
    """Return the pairs of folders in the path: what lies where scopes do is of a scope."""
    *folders, name = fault.location.file.split("/")
    return map("/".join, pairwise([*folders, *([] if "." in name else [name])]))


def shown(faults: Iterable[Fault | Diagnostic]) -> list[pb.RuleFault]:
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
