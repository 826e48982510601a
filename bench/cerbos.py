"""Cerbos's server with as many conditions as score@2, and a question for it; skipped if absent.

Its binary is looked for in $CERBOS and on the PATH; npm ships it as @cerbos/cerbos-linux-x64.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack
from tempfile import TemporaryDirectory

from bench.peers import Peer, port_of
from dealgate.model.encoding import sized

METHOD = "/cerbos.svc.v1.CerbosService/CheckResources"
CONDITIONS = 60
CONFIGURATION = """
server:
  httpListenAddr: "127.0.0.1:0"
  grpcListenAddr: "127.0.0.1:%d"
  requestLimits: {maxActionsPerResource: 100}
telemetry: {disabled: true}
audit: {enabled: false}
storage: {driver: disk, disk: {directory: %s, watchForChanges: false}}
"""
POLICY = """
apiVersion: api.cerbos.dev/v1
resourcePolicy:
  version: default
  resource: lead
  rules:
"""
RULE = """    - actions: ["a{0}"]
      effect: EFFECT_ALLOW
      roles: ["rep"]
      condition: {{match: {{expr: "R.attr.employees >= {1} && R.attr.country == 'DE'"}}}}
"""


def binary() -> str | None:
    """Return where Cerbos's server is, if it is anywhere."""
    return os.environ.get("CERBOS") or shutil.which("cerbos") or shutil.which("cerbos-linux-x64")


@contextmanager
def cerbos(path: str) -> Iterator[Peer]:
    """Run it with a policy of 60 conditions, and ask for all 60 at once."""
    with TemporaryDirectory() as folder:
        policies = Path(folder, "policies")
        policies.mkdir()
        rules = "".join(RULE.format(n, 10 * n) for n in range(CONDITIONS))
        (policies / "lead.yaml").write_text(POLICY + rules)
        port = port_of()
        (Path(folder) / "conf.yaml").write_text(CONFIGURATION % (port, policies))
        command = [path, "server", f"--config={folder}/conf.yaml", "--log-level=error"]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield Peer(
                    "Cerbos, recording nothing",
                    f"127.0.0.1:{port}",
                    process.pid,
                    METHOD,
                    _question(),
                )
            finally:
                process.terminate()
                process.wait(10)


def _question() -> bytes:
    """Write a CheckResourcesRequest: its contracts are not worth a dependency."""
    attributes = _entry("employees", b"\x11" + _double(420.0)) + _entry("country", _text(3, "DE"))
    resource = _text(1, "lead") + _text(3, "L1") + attributes
    actions = b"".join(_text(1, f"a{number}") for number in range(CONDITIONS))
    entry = actions + b"\x12" + sized(resource)
    principal = _text(1, "ann") + _text(3, "rep")
    return _text(1, "r") + b"\x1a" + sized(principal) + b"\x22" + sized(entry)


def _text(number: int, value: str) -> bytes:
    return bytes((number << 3 | 2,)) + sized(value.encode())


def _entry(key: str, value: bytes) -> bytes:
    return b"\x22" + sized(_text(1, key) + b"\x12" + sized(value))


def _double(number: float) -> bytes:
    return pack("<d", number)
