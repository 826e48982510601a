"""What runs in a process aside: it is limited first, then does one piece of work, and answers.

Started as a file, so that nothing of Dealgate is loaded before the limits hold. Work comes on
standard input, the answer goes to what was standard output: both pickled, by us, for us.
"""

import ctypes
import json
import os
import pickle
import resource
import signal
import sys
import traceback
from typing import Any

MEGABYTE = 2**20
FILE_BYTES = 256 * MEGABYTE  # that a scratch file may have
NICE = 10  # decisions go first
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
OUT_OF_MEMORY = {"MemoryError", "OutOfMemoryException"}


def main() -> None:
    """Read the limits and the work, do it, write the answer."""
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    # What the work prints must not end up in the answer.
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limits = json.loads(head)
    sys.path[:] = limits["path"]
    _limit(limits["megabytes"], limits["seconds"])
    answer = _answer(body)
    with os.fdopen(answers, "wb") as out:
        out.write(answer)


def _limit(megabytes: int, seconds: float | None) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * MEGABYTE, megabytes * MEGABYTE))
    if seconds is not None:
        most = int(seconds) + 2  # the parent's clock is the one that counts; this is for its death
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
    os.nice(NICE)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def _answer(body: bytes) -> bytes:
    try:
        work: Any = pickle.loads(body)  # noqa: S301 - our own bytes
        return pickle.dumps(("done", work()))
    except BaseException as error:  # noqa: BLE001 - the parent tells strangers from ours
        return _told(error)


def _told(error: BaseException) -> bytes:
    if type(error).__name__ in OUT_OF_MEMORY:
        return pickle.dumps(("memory",))
    # A stranger's message may hold a fact's value; its type and its frames do not.
    frames = "".join(traceback.format_tb(error.__traceback__))
    if any(base.__name__ == "DealgateError" for base in type(error).__mro__):
        try:
            return pickle.dumps(("raised", error))
        except Exception:  # noqa: BLE001, S110 - then it is told like a stranger's
            pass
    return pickle.dumps(("crashed", type(error).__qualname__, frames))


if __name__ == "__main__":
    main()
