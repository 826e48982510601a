"""When the server's own certificate ends: a change by time, which nobody does."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
# The two forms of an instant in DER: YYMMDDHHMMSSZ and YYYYMMDDHHMMSSZ.
INSTANT = re.compile(rb"\x17\x0d(\d{12})Z|\x18\x0f(\d{14})Z")
CENTURY = 50  # years below it belong to this one


def observe_certificate(meter: Meter, path: Path | None) -> None:
    """Measure when the certificate ends, if there is one."""
    if path is None:
        return
    ends = expiry(path.read_bytes())
    if ends is not None:
        meter.observe(names.TLS_CERTIFICATE_EXPIRY, lambda: [(ends, ())])


def expiry(pem: bytes) -> float | None:
    """Return when the first certificate ends, in seconds since the epoch; None: it says nothing.

    Its validity is the first two instants in it.
    """
    found = PEM.search(pem)
    if found is None:
        return None
    try:
        instants = INSTANT.findall(base64.b64decode(found[1]))
    except ValueError:
        return None
    if len(instants) < 2:
        return None
    short, long = instants[1]
    text = (long or _with_century(short)).decode()
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()


def _with_century(short: bytes) -> bytes:
    return (b"20" if int(short[:2]) < CENTURY else b"19") + short
