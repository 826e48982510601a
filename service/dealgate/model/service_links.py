"""Variables that Kubernetes sets in every pod: the addresses of services.

A service named `dealgate` or `otel-collector` leaves some that look like settings of ours.
"""

import re
from collections.abc import Iterable

HOST, PORT = "_SERVICE_HOST", "_SERVICE_PORT"
REST = re.compile(
    r"SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?"
)


def linked(names: Iterable[str]) -> frozenset[str]:
    """Return the names that tell of a service: its host, its port, and what goes with both."""
    given = frozenset(names)
    hosts = {name.removesuffix(HOST) for name in given if name.endswith(HOST)}
    return frozenset(
        name
        for service in hosts
        if service + PORT in given
        for name in given
        if name.startswith(f"{service}_") and REST.fullmatch(name.removeprefix(f"{service}_"))
    )
