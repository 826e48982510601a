"""A server of this checkout in a process of its own, so that its CPU time can be told apart."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import cpu_seconds

ROOT = Path(__file__).parents[1]
RULES = Path(os.environ.get("DEALGATE_RULES", ROOT / "rules"))
PORT = re.compile(r"\(port (\d+)\)")


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server on loopback, its journal in `folder`."""

    target: str
    process_id: int
    folder: Path

    def cpu_seconds(self) -> float:
        """Return the CPU time that it and its children have used so far."""
        return cpu_seconds(self.process_id)


@contextmanager
def local_server(settings: Mapping[str, str] | None = None) -> Iterator[LocalServer]:
    """Run `dealgate serve` on a free port with the shipped rules; `settings` are its environment.

    Raises RuntimeError with the server's own words if it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "DEALGATE_ADDRESS": "127.0.0.1:0",
            "DEALGATE_RULES": str(RULES),
            "DEALGATE_JOURNAL": f"{folder}/journal.db",
            "DEALGATE_LAME_DUCK": "0",
            "OTEL_SDK_DISABLED": "true",
            **(settings or {}),
        }
        command = [sys.executable, "-m", "dealgate", "serve"]
        with (
            Path(folder, "log").open("w+") as log,
            subprocess.Popen(command, env=environment, stderr=log, cwd=ROOT) as process,
        ):
            try:
                port = _port(process, Path(folder, "log"))
                yield LocalServer(f"127.0.0.1:{port}", process.pid, Path(folder))
            except Exception as error:
                error.add_note(f"the server's own words:\n{Path(folder, 'log').read_text()}")
                raise
            finally:
                process.terminate()
                process.wait(30)


def _port(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        found = PORT.search(log.read_text())
        if found:
            return found[1]
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
