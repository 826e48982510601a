"""Standard streams: a process that is started without them gets ones that lead nowhere.

Otherwise the next file or connection is number 0, 1 or 2: everything that is printed goes into it,
and libuv, which runs the server, ends the process when it closes one of these.
"""

import os
import sys

STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_missing() -> None:
    """Open those of the three that are closed; commands started by this one inherit them."""
    while (number := os.open(os.devnull, os.O_RDWR)) < len(STREAMS):
        os.set_inheritable(number, True)  # noqa: FBT003  positional by its own signature
    os.close(number)
    for number, (name, mode) in enumerate(STREAMS.items()):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


open_missing()
