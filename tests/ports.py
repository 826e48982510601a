"""Ports for servers that must be told one: that nothing else comes upon while they are away."""

import socket
from pathlib import Path
from random import SystemRandom

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000


def free_port() -> int:
    """Return a port that nobody listens on, below those that the system gives to connections.

    A server that is killed and started again would else find its port taken now and then: by a
    connection of somebody else, or by one to itself of a client that tries to reach it meanwhile.
    """
    highest = int(RANGE.read_text().split()[0]) if RANGE.exists() else 32_768
    while True:
        port = SystemRandom().randrange(LOWEST, max(highest, LOWEST + 1000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
