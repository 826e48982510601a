"""Servers that can be asked one question again and again, whoever wrote them."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.cpu import cpu_seconds
from bench.local_server import ROOT, local_server
from bench.question import FACTS
from dealgate_client.v1 import decision_pb2, decision_service_pb2, score_pb2

SCORE = "/dealgate.v1.LeadService/ScoreLead"
BATCH = "/dealgate.v1.DecisionService/BatchDecide"
DECISIONS, IN_FLIGHT, BATCHES = 256, 32, 2
PORT = re.compile(r"\(port (\d+)\)")


@dataclass(frozen=True, slots=True)
class Peer:
    """A running server, and what it is asked; a call takes so many `decisions`."""

    name: str
    target: str
    process_id: int
    method: str
    question: bytes
    decisions: int = 1

    @property
    def in_flight(self) -> int:
        """How many calls saturate it."""
        return IN_FLIGHT if self.decisions == 1 else BATCHES

    def cpu_seconds(self) -> float:
        """Return the CPU time that it and its children have used so far."""
        return cpu_seconds(self.process_id)


@contextmanager
def dealgate() -> Iterator[list[Peer]]:
    """Run a server of ours, asked in three ways."""
    durable = score_pb2.ScoreLeadRequest(facts=FACTS)
    dry = score_pb2.ScoreLeadRequest(
        facts=FACTS, options=decision_pb2.DecisionOptions(dry_run=True)
    )
    batch = decision_service_pb2.BatchDecideRequest()
    for _ in range(DECISIONS):
        batch.questions.add().score.CopyFrom(durable)
    with local_server() as server:
        yield [
            Peer(
                name, server.target, server.process_id, method, said.SerializeToString(), decisions
            )
            for name, method, said, decisions in (
                ("ScoreLead, durable", SCORE, durable, 1),
                ("ScoreLead, dry run", SCORE, dry, 1),
                ("a decision of 256 in a batch, durable", BATCH, batch, DECISIONS),
            )
        ]


@contextmanager
def echo(size: int = 1_600) -> Iterator[Peer]:
    """Run a server that does nothing."""
    command = [sys.executable, "-m", "bench.echo", str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        try:
            found = PORT.search(process.stdout.readline() if process.stdout else "")
            if found is None:
                raise RuntimeError("the echo did not start")
            yield Peer(
                "an empty call", f"127.0.0.1:{found[1]}", process.pid, "/bench.Echo/Call", b""
            )
        finally:
            process.terminate()
            process.wait(10)


def port_of() -> int:
    """Return a port that is free now."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
