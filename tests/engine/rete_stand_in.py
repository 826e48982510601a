"""A child process that speaks the rete engine's protocol and misbehaves as its argument says."""

import sys
from typing import Any

from dealgate.engine.rete.frames import framed, frames

NONSENSE: dict[str, Any] = {
    "too-few": {"fired": []},
    "too-many": {"fired": [[], [], []]},
    "unknown-rule": {"fired": [["r99"]]},
    "not-a-list": {"fired": ["r0"]},
    "no-answer": {},
}


def _answer(mode: str, request: dict[str, Any], built: dict[str, Any]) -> bytes:
    if "build" in request:
        built[request["build"]] = request["networks"]
    if "judge" not in request:
        return framed({})
    if mode == "not-json":
        return (5).to_bytes(4) + b"hello"
    if mode == "cut-short":
        return (500).to_bytes(4) + b"{}"
    if mode == "not-an-object":
        return (2).to_bytes(4) + b"[]"
    if mode == "endless":
        return b"\xff" * 4
    if mode in NONSENSE:
        return framed(NONSENSE[mode])
    networks = [built[request["judge"]][network] for network, _ in request["inputs"]]
    return framed({"fired": [list(each) if mode == "all-fire" else [] for each in networks]})


def main(mode: str) -> None:
    """Serve until the parent is gone, or once if an answer was cut short."""
    built: dict[str, Any] = {}
    for request in frames(sys.stdin.buffer):
        answer = _answer(mode, request, built)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
        if answer[:4] in {b"\xff" * 4, (500).to_bytes(4)}:
            return


if __name__ == "__main__":
    main(sys.argv[1])
