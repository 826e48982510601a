"""The contracts and what serves them."""

import pytest

from dealgate.journal.feed import JournalFeed
from dealgate.journal.memory import MemoryJournal
from dealgate.kinds import KINDS
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.admission import Admission
from dealgate.wire.auditing import Auditor, nowhere
from dealgate.wire.changes import Changes, Writing
from dealgate.wire.entrance import decides, entries
from dealgate.wire.reception import Reception
from dealgate.wire.services import (
    Ports,
    by_service,
    decision_handlers,
    services,
    shared_handlers,
)
from tests.wire.fakes import (
    NO_SUBJECTS,
    EchoingInsights,
    MemoryLive,
    MemoryRecords,
    ScriptedChanges,
    ScriptedDecider,
    SteppingClock,
    assess_nothing,
    explain_nothing,
    fit_here,
    process_nothing,
    replay_nothing,
)


async def test_every_rpc_is_served() -> None:
    """With all our kinds, no RPC of the contracts is UNIMPLEMENTED."""
    records, clock = MemoryRecords(), SteppingClock()
    decider = ScriptedDecider(records)
    handlers = decision_handlers(KINDS, lambda: decider, clock)
    scripted = ScriptedChanges()
    changes = Changes(scripted.judge, Writing(scripted.release, scripted.approve))
    live, explain = MemoryLive(), explain_nothing
    insights = EchoingInsights()
    ports = Ports(
        KINDS,
        lambda: decider,
        records,
        live,
        explain,
        replay_nothing,
        changes,
        insights,
        fit_here,
        assess_nothing,
        lambda: process_nothing,
        JournalFeed(MemoryJournal()),
        NO_SUBJECTS,
    )
    handlers |= shared_handlers(ports, clock)
    served = {
        f"{name}.{method}"
        for name, methods in by_service(
            handlers, Reception(Admission()), entries(None, Auditor(nowhere))
        )
        for method in methods
    }
    assert served == {method.full_name for one in services() for method in one.methods}


def test_every_kind_has_an_rpc() -> None:
    """Each kind has one RPC, which takes its request and returns its response."""
    rpcs = [method for one in services() for method in one.methods if decides(method)]
    found = {(m.input_type.full_name, m.output_type.full_name) for m in rpcs}
    assert found == {
        (kind.request.DESCRIPTOR.full_name, kind.response.DESCRIPTOR.full_name)
        for kind in KINDS.values()
    }
    assert len(rpcs) == len(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_batches_take_every_kind(name: str) -> None:
    """Questions and answers of a batch have a field for each kind, under the kind's name."""
    kind = KINDS[name]
    asked, answered = pb.Question.DESCRIPTOR, pb.Answer.DESCRIPTOR
    assert asked.fields_by_name[name].message_type is kind.request.DESCRIPTOR
    assert answered.fields_by_name[name].message_type is kind.response.DESCRIPTOR
