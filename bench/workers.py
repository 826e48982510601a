"""What workers bring: durable decisions a second in batches, with one worker and with two.

Usage: python -m bench.workers [SECONDS]
Skips on a machine with one core: there is nothing to share out.
"""

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import grpc

from dealgate.v1 import decision_service_pb2 as decisions
from tests.serving.conftest import Process

BATCH = "/dealgate.v1.DecisionService/BatchDecide"
SIZE, CALLERS, ROUNDS = 256, 6, 3
OWN = (("grpc.use_local_subchannel_pool", 1),)
RULES = Path(__file__).parents[1] / "rules"


def batch() -> bytes:
    """Return a batch of leads to score."""
    request = decisions.BatchDecideRequest()
    for number in range(SIZE):
        asked = request.questions.add().score
        asked.facts.lead.id = f"L{number}"
        asked.facts.lead.company.employees = 100
    return request.SerializeToString()


def pace(workers: int, seconds: float) -> float:
    """Return how many decisions a second so many workers take."""
    with tempfile.TemporaryDirectory() as folder:
        process = Process(
            Path(folder), fresh=True, DEALGATE_WORKERS=str(workers), DEALGATE_RULES=str(RULES)
        )
        try:
            return _decided(f"127.0.0.1:{process.port}", seconds) / seconds
        finally:
            process.end()


def _decided(target: str, seconds: float) -> int:
    asked, ends, done = batch(), time.monotonic() + seconds, list[int]()

    def call() -> None:
        with grpc.insecure_channel(target, OWN) as channel:
            send: Any = channel.unary_unary(BATCH)
            while time.monotonic() < ends:
                try:
                    send(asked, timeout=30, wait_for_ready=True)
                except grpc.RpcError:
                    continue
                done.append(SIZE)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def main(seconds: float) -> None:
    """Measure in turn, and print medians and their ratio."""
    if (os.cpu_count() or 1) < 2:
        print("skipped: workers need two cores")
        return
    pairs = [(pace(1, seconds), pace(2, seconds)) for _ in range(ROUNDS)]
    for one, two in pairs:
        print(f"one worker {one:,.0f}/s  two workers {two:,.0f}/s  {two / one:.2f} times")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
