"""Who looks at processes is not disturbed by those that end meanwhile."""

import subprocess
import sys
import time
from pathlib import Path

from tests.processes import children_of, read

SECONDS = 0.3
MANY = """
import threading
while True:
    thread = threading.Thread(target=lambda: None)
    thread.start()
"""


def test_threads_that_end_meanwhile_are_no_fault() -> None:
    """A process whose threads come and go by the thousand is listed, and one that has ended."""
    with subprocess.Popen([sys.executable, "-c", MANY]) as process:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            assert children_of(process.pid) == []
        process.kill()
    assert children_of(process.pid) == []
    assert read(Path(f"/proc/{process.pid}/cmdline")) == ""
