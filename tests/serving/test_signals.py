"""A server leaves when it is told to, whatever it is doing at that moment.

Each script sends the signal itself, from a callback of a weak reference: there the interpreter
ignores what a handler raises.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SIGNALLING = """
import os, signal, sys, weakref
class Short: pass
def send(number):
    short = Short()
    kept.append(weakref.ref(short, lambda _: os.kill(os.getpid(), getattr(signal, number))))
kept = []
sys.argv = ["dealgate", "serve", "--address", "localhost:0", "--journal", sys.argv[1]]
"""
STARTING = """
import dealgate.cli.alert
send("SIGHUP")
send("SIGTERM")
raise AssertionError("it goes on")
"""
SERVING = """
import dealgate.cli
from dealgate.wire.server import Server

def sent_after(method, *numbers):
    original = getattr(Server, method)
    async def followed(*arguments):
        result = await original(*arguments)
        for number in numbers:
            send(number)
        return result
    setattr(Server, method, followed)

sent_after("start", "SIGHUP", "SIGTERM")
sent_after("drain", "SIGHUP", "SIGTERM", "SIGINT")
sent_after("stop", "SIGHUP", "SIGTERM", "SIGINT")
dealgate.cli.main()
"""
WORDS = ("listening", "draining", "stopped")


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that is a server; return how it left."""
    environment = {"DEALGATE_RULES": str(ROOT / "tests" / "rules"), "DEALGATE_LAME_DUCK": "0"}
    return subprocess.run(
        [sys.executable, "-c", SIGNALLING + script, str(folder / "journal.db")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_starting_server_leaves_at_once(number: str, tmp_path: Path) -> None:
    """Before it listens nobody waits for it: it leaves with status 0, and SIGHUP ends nothing."""
    ended = run(STARTING.replace("SIGTERM", number), tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


BEFORE = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
os.kill(os.getpid(), signal.SIGHUP)
os.kill(os.getpid(), signal.SIGTERM)
os.execv(sys.executable, [sys.executable, "-m", "dealgate", "COMMAND", *sys.argv[2:]])
"""


@pytest.mark.parametrize("command", ["serve", "consume"])
def test_what_comes_while_the_interpreter_starts_is_heeded(command: str, tmp_path: Path) -> None:
    """The container's entry point blocks signals; a server takes them as soon as it can."""
    ended = run(BEFORE.replace("COMMAND", command), tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    containerfile = (ROOT / "deploy/container/Containerfile").read_text()
    (entry,) = re.findall(r"^ENTRYPOINT (\[.*\])$", containerfile, re.MULTILINE)
    *blocking, program = json.loads(entry)
    assert program == "dealgate"
    assert blocking == ["env", *(f"--block-signal={name}" for name in ("TERM", "INT", "HUP"))]


def test_a_signal_between_listening_and_serving_is_kept_and_one_while_leaving_is_too_late(
    tmp_path: Path,
) -> None:
    """A server told to leave before it serves drains as any; told again, it leaves in order."""
    ended = run(SERVING, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert all(f" INFO {word}" in ended.stderr for word in WORDS), ended.stderr
