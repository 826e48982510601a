"""What runs in the child process: the C module without its threads."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from dealgate.engine.rete.conditions import MOST_CONDITIONS, Condition
from dealgate.engine.rete.frames import compact, framed, frames
from dealgate.engine.rete.limits import Limits


class Library:
    """The C module, driven as it was measured to be right and safe."""

    def __init__(self) -> None:
        """Load it. Only a child does: it can take its process down."""
        import durable_rules_engine  # noqa: PLC0415  # the server must never load it

        self._c = durable_rules_engine
        self._built: dict[str, list[int]] = {}
        self._limits = Limits()
        self._calls = 0

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; after an error the library is not to be used again."""
        if "build" in request:
            self._built[request["build"]] = [self._build(each) for each in request["networks"]]
            return {}
        if "calls" in request:
            self._limits = Limits(calls=request["calls"], resident=request["resident"])
            return {}
        handles = self._built[request["judge"]]
        fired = [self._fire(handles[network], fields) for network, fields in request["inputs"]]
        self._calls += 1
        return {"fired": fired, "spent": self._is_spent()}

    def _build(self, conditions: Mapping[str, Condition]) -> int:
        rules: dict[str, Any] = {
            name: {"all": [{"m": condition}], "pri": position}
            for position, (name, condition) in enumerate(conditions.items())
        }
        # A rule that always fires, and last: without it an unmatched fact leaves the library with
        # memory that was never initialised.
        rules["end"] = {"all": [{"m": {"$ex": {"$e": 1}}}], "pri": 65_535}
        handle: int = self._c.create_ruleset("rules", compact(rules))
        _, state = self._c.assert_fact(handle, '{"sid":"s","id":"w","$e":1}')
        self._drain(handle, state)
        self._c.retract_fact(handle, '{"sid":"s","id":"w"}')
        return handle

    def _fire(self, handle: int, fields: Mapping[str, Any]) -> list[str]:
        fact = compact({**fields, "sid": "s", "id": "q", "$e": 1})
        _, state = self._c.assert_fact(handle, fact)
        fired = self._drain(handle, state)
        # Retracted, never deleted: to delete a state is what corrupts memory.
        self._c.retract_fact(handle, '{"sid":"s","id":"q"}')
        return fired

    def _drain(self, handle: int, state: int) -> list[str]:
        fired: list[str] = []
        first = self._c.start_action_for_state(handle, state)
        action = first and first[1]
        while action and len(fired) < MOST_CONDITIONS + 2:
            # {"r7":{"m":{…the whole fact…}}}: the name is enough, and is one of ours.
            fired.append(action.split('"', 2)[1])
            action = self._c.complete_and_start_action(handle, state)
        if action or fired[-1:] != ["end"]:
            raise RuntimeError("the sentinel did not fire last")
        return fired[:-1]

    def _is_spent(self) -> bool:
        check = self._calls % 256 == 0
        return self._calls >= self._limits.calls or (check and resident() > self._limits.resident)


def resident() -> int:
    """Return this process's memory in bytes; 0 where only Linux would say it cheaply."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until the parent is gone or something goes wrong."""
    library: Library | None = None
    for request in frames(requests):
        # Kills this process even if C code never returns and the parent is not there to do it.
        signal.setitimer(signal.ITIMER_REAL, request["within"] + 1)
        try:
            library = library or Library()
            answer = library.answer(request)
        except Exception as error:  # noqa: BLE001  # whatever it is, the parent decides
            answer = {"fault": f"{type(error).__name__}: {error}"}
        answers.write(framed(answer))
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)
        if "fault" in answer:
            return
