"""The child process: `python -m dealgate.engine.rete`."""

import contextlib
import os
import resource
import sys

from dealgate.engine.rete.child import serve


def main() -> None:
    """Serve on the standard streams."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints must not get between frames
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold facts
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
