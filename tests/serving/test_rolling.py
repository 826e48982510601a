"""Replicas on one PostgreSQL that are replaced one after the other, while callers go on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from dealgate.journal.sealed.master import new_master_key
from dealgate.v1.lead_service_pb2_grpc import LeadServiceStub
from dealgate.v1.score_pb2 import ScoreLeadRequest, ScoreLeadResponse
from tests.journal.postgres import running
from tests.ports import free_port
from tests.serving.conftest import Process

if TYPE_CHECKING:
    from dealgate.v1.lead_service_pb2_grpc import LeadServiceAsyncStub

CALLERS = 4
PAUSE = 0.02  # seconds: the processor is for servers that start
# As gRPC's own documentation has it: https://grpc.io/docs/guides/retry.
POLICY = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [{"name": [{}], "retryPolicy": POLICY}],
}
OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.use_local_subchannel_pool", 1),
)


class Replicas:
    """Two servers with one journal; each keeps its address when it is replaced."""

    def __init__(self, folder: Path, url: str) -> None:
        """Start both."""
        self._folder = folder
        self._url = url
        self.addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
        self.servers = [self._started(address) for address in self.addresses]

    def replace(self, index: int) -> int:
        """Stop one as an orchestrator does, start its successor, and return its exit status."""
        status = self.servers[index].end()
        self.servers[index] = self._started(self.addresses[index])
        return status

    def _started(self, address: str) -> Process:
        return Process(
            self._folder,
            address=address,
            journal=self._url,
            DEALGATE_LAME_DUCK="1",
            DEALGATE_JOURNAL_MASTER_KEY=str(self._folder / "master.key"),
        )


@dataclass
class Crowd:
    """Callers who ask one after the other, each question under a key of its own."""

    target: str
    answers: dict[str, ScoreLeadResponse] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _stopped: bool = False

    def stop(self) -> None:
        """Ask nothing further."""
        self._stopped = True

    async def ask(self) -> None:
        """Ask until stopped."""
        async with grpc.aio.insecure_channel(self.target, OPTIONS) as channel:
            stub: LeadServiceAsyncStub = LeadServiceStub(channel)
            await asyncio.gather(*(self._caller(stub, number) for number in range(CALLERS)))

    async def _caller(self, stub: "LeadServiceAsyncStub", caller: int) -> None:
        number = 0
        while not self._stopped:
            number += 1
            key = f"{caller}-{number}"
            try:
                self.answers[key] = await stub.ScoreLead(question(key), timeout=30)
            except grpc.aio.AioRpcError as error:
                self.failures.append(f"{error.code().name}: {error.details()}")
            await asyncio.sleep(PAUSE)


def question(key: str) -> ScoreLeadRequest:
    """Return a question under `key`."""
    request = ScoreLeadRequest()
    request.facts.lead.id = f"L{key}"
    request.facts.lead.company.employees = 100
    request.options.idempotency_key = key
    return request


@contextmanager
def replicas(folder: Path) -> Iterator[Replicas]:
    """Run two servers on a PostgreSQL, with their keys in it: encryption adds to all else."""
    new_master_key(folder / "master.key")
    with running() as postgres:
        both = Replicas(folder, f"{postgres.new_database()}&keys=database")
        try:
            yield both
        finally:
            for server in both.servers:
                server.end()


async def test_a_rolling_restart_fails_no_call_that_is_repeated(tmp_path: Path) -> None:
    """Every replica is replaced, and no call fails under gRPC's own retry policy.

    What was answered before is answered by the successors in the same way: no key was decided
    twice, whichever replica its tries went to.
    """
    with replicas(tmp_path) as both:
        crowd = Crowd(f"ipv4:{','.join(both.addresses)}")
        asking = asyncio.create_task(crowd.ask())
        statuses = [await asyncio.to_thread(both.replace, index) for index in (0, 1)]
        crowd.stop()
        await asking
        assert crowd.failures == []
        assert statuses == [0, 0]
        assert len(crowd.answers) > 50
        for address in both.addresses:
            async with grpc.aio.insecure_channel(address) as channel:
                stub: LeadServiceAsyncStub = LeadServiceStub(channel)
                for key, answer in [*crowd.answers.items()][::20]:
                    assert await stub.ScoreLead(question(key)) == answer
