"""The connections of a server that has stopped, closed by us.

gRPC ends as CANCELLED each call that it holds and has not handed over when it stops, although
nobody has cancelled it. A caller whose connection is closed gets UNAVAILABLE from its own gRPC.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

DESCRIPTORS = Path("/dev/fd")
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)


def cut(port: int, path: str = "") -> int:
    """Close each connection that this process accepted at `port`, or at the socket `path`.

    Returns how many. What has been written is still sent; the one who listens goes on.
    """
    number = 0
    for descriptor in sorted(int(entry.name) for entry in DESCRIPTORS.iterdir()):
        with suppress(OSError):  # the one that lists them, or one that was closed meanwhile
            number += _cut(descriptor, port, path)
    return number


def _cut(descriptor: int, port: int, path: str) -> bool:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    # A duplicate is looked at and closed: the number may be another connection's by then.
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        own = connection.getsockname()
        # A pair of sockets has no name at all, and is nobody's connection.
        is_ours = own == path != "" if connection.family == socket.AF_UNIX else own[1] == port
        if connection.family not in FAMILIES or not is_ours:
            return False
        connection.getpeername()  # raises for the one who listens
        connection.shutdown(socket.SHUT_RDWR)
        return True
