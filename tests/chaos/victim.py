"""A server to attack, what it is worth, and callers who have done nothing."""

import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from dealgate.v1 import decision_service_pb2 as decisions
from dealgate.v1 import score_pb2
from tests.processes import children_of
from tests.serving.conftest import Process

SCORE = "/dealgate.v1.LeadService/ScoreLead"
GET = "/dealgate.v1.DecisionService/GetDecision"
OWN = (("grpc.use_local_subchannel_pool", 1),)  # a connection for each channel
ALL_THREADS = 2  # in the number of a process's clock, as Linux has it
TOLD = 100  # refusals whose words are kept


class Victim(Process):
    """`dealgate serve` in a process that shares no memory with any other, if it is measured."""

    def __init__(self, folder: Path, *, fresh: bool = True, **environment: str) -> None:
        """Start it; forked, if nothing is measured and there is no LD_PRELOAD."""
        super().__init__(folder, fresh=fresh, **environment)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def local(self) -> str:
        """Its address."""
        return f"127.0.0.1:{self.port}"

    @property
    def megabytes(self) -> int:
        """The memory it holds."""
        return self._status("VmRSS") // 1024

    @property
    def processor_seconds(self) -> float:
        """The processor time it took so far."""
        return time.clock_gettime(~self.pid << 3 | ALL_THREADS)

    @property
    def children(self) -> Sequence[int]:
        """The processes beside it."""
        return children_of(self.pid)

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def question(key: str = "", lead: str = "L1") -> bytes:
    """Return a question like many others."""
    request = score_pb2.ScoreLeadRequest()
    request.facts.lead.id = lead
    request.facts.lead.company.employees = 100
    request.options.idempotency_key = key
    if not key:
        request.options.ClearField("idempotency_key")
    return request.SerializeToString()


@dataclass
class Caller:
    """Somebody who calls, and keeps what came back."""

    target: str
    answers: dict[str, bytes] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    refusals: deque[str] = field(default_factory=lambda: deque(maxlen=TOLD))
    without_delay: int = 0

    def __post_init__(self) -> None:
        """Connect."""
        self.channel = grpc.insecure_channel(self.target, options=OWN)

    def ask(self, path: str, data: bytes, timeout: float | None = 30) -> bytes | None:
        """Return the answer, None if there was none; the status is counted."""
        call: Any = self.channel.unary_unary(path)
        try:
            answer: bytes = call(data, timeout=timeout)
        except grpc.RpcError as error:
            self.note(error)
            return None
        self.codes["OK"] += 1
        return answer

    def note(self, error: Any) -> None:
        """Count a failure, and whether it says when to come back."""
        self.codes[error.code().name] += 1
        self.refusals.append(f"{error.code().name}: {error.details()}")
        if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
            details = Status.FromString(packed).details
            self.without_delay += not any(one.Is(RetryInfo.DESCRIPTOR) for one in details)

    def score(self, key: str) -> bytes | None:
        """Ask for a decision under a key, and keep the answer."""
        answer = self.ask(SCORE, question(key))
        if answer is not None:
            self.answers[key] = answer
        return answer

    def get(self, decision_id: str) -> bytes | None:
        """Return the recorded answer."""
        found = self.ask(
            GET, decisions.GetDecisionRequest(decision_id=decision_id).SerializeToString()
        )
        if found is None:
            return None
        record = decisions.GetDecisionResponse.FromString(found).decision
        return record.answer.score.SerializeToString()


def id_of(answer: bytes) -> str:
    """Return the decision's id."""
    return score_pb2.ScoreLeadResponse.FromString(answer).header.decision_id


@contextmanager
def bystander(target: str) -> Iterator[Caller]:
    """Let somebody else call all the while, who has done nothing to deserve it."""
    caller, over = Caller(target), threading.Event()

    def call() -> None:
        for number in itertools.count():
            # At least once, however soon it is over.
            caller.ask(SCORE, question(lead=f"B{number}"))
            if over.wait(0.02):
                return

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield caller
    finally:
        over.set()
        thread.join()
