"""Round robins on a real server with a real file: races, and what a crash leaves of them."""

import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dealgate_client import (
    Client,
    Conflict,
    Lead,
    Rep,
    RoundRobinCursor,
    RouteLeadResponse,
)
from tests.serving.conftest import Start
from tests.shipped import folder_of

REPS = [
    Rep(id=name, teams=["inbound"], is_active=True, capacity=100, open_leads=0)
    for name in ("a", "b", "c")
]


def test_races_for_a_turn_have_one_winner(start: Start, tmp_path: Path) -> None:
    """Of 24 calls from one version one is answered; of 60 without one each gets its own turn.

    A server that comes back after SIGKILL goes on where the last answer left off.
    """
    rules = str(folder_of(tmp_path, "route"))
    process = start(DEALGATE_RULES=rules)
    with Client(process.target, timeout=60) as client, ThreadPoolExecutor(12) as callers:

        def raced(number: int) -> RouteLeadResponse | Conflict:
            cursor = RoundRobinCursor(name="raced", version=0)
            try:
                return client.route_lead(lead=Lead(id=f"R{number}"), reps=REPS, cursor=cursor)
            except Conflict as lost:
                return lost

        def queued(number: int) -> RouteLeadResponse:
            return client.route_lead(lead=Lead(id=f"L{number}"), reps=REPS)

        answers = [*callers.map(raced, range(24))]
        turns = [*callers.map(queued, range(60))]
    process.end(signal.SIGKILL)
    assert sum(isinstance(one, Conflict) for one in answers) == 23
    assert sorted(one.outcome.cursor.version for one in turns) == list(range(1, 61))
    assert Counter(one.outcome.owner_id for one in turns) == {"a": 20, "b": 20, "c": 20}
    with Client(start(DEALGATE_RULES=rules).target, timeout=60) as client:
        after = client.route_lead(lead=Lead(id="L61"), reps=REPS)
    assert (after.outcome.cursor.version, after.outcome.owner_id) == (61, "a")
