"""When the server's own certificate expires: a change that happens by time alone."""

import base64
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dealgate.telemetry import names
from dealgate.telemetry.events import tell
from dealgate.telemetry.instruments import Labels, Meter

LOOK_AGAIN, DAY = 60.0, 86_400.0  # seconds
NEAR = (30, 7, 1, 0)  # days before its expiry at which it is reported

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
# The two forms of an instant in DER: YYMMDDHHMMSSZ and YYYYMMDDHHMMSSZ.
INSTANT = re.compile(rb"\x17\x0d(\d{12})Z|\x18\x0f(\d{14})Z")
CENTURY = 50  # years below it belong to this one


class Certificate:
    """The certificate that is served, read again when its file changes."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.time) -> None:
        """Without a path there is none; `clock` gives seconds since the epoch."""
        self._path = path
        self._clock = clock
        self._stamp: object = None
        self._next = 0.0
        self._ends: float | None = None
        self._told: int | None = None

    def look(self) -> None:
        """Tell, now and then, of a certificate that ends soon: nobody does anything then."""
        now = self._clock()
        if self._path is None or now < self._next:
            return
        self._next = now + LOOK_AGAIN
        ends = self.ends()
        left = float("inf") if ends is None else (ends - now) / DAY
        nearest = min((days for days in NEAR if left <= days), default=None)
        if nearest is not None and (self._told is None or nearest < self._told):
            words = f"the certificate {self._path} ends in {max(left, 0):.1f} days"
            tell(names.EVENT_TLS_CERTIFICATE_EXPIRING, words, level=logging.WARNING)
        self._told = nearest

    def ends(self) -> float | None:
        """Return when it ends, in seconds since the epoch."""
        if self._path is None:
            return None
        try:
            state = self._path.stat()
            stamp = (state.st_ino, state.st_mtime_ns, state.st_size)
            if stamp != self._stamp:
                self._ends, self._stamp = expiry(self._path.read_bytes()), stamp
        except OSError:  # what was read before is served on
            return self._ends
        return self._ends


def observe_certificate(meter: Meter, certificate: Certificate) -> None:
    """Measure when the certificate ends, if there is one."""

    def ends() -> list[tuple[float, Labels]]:
        instant = certificate.ends()
        return [] if instant is None else [(instant, ())]

    meter.observe(names.TLS_CERTIFICATE_EXPIRY, ends)


def expiry(pem: bytes) -> float | None:
    """Return when the first certificate ends, in seconds since the epoch; None: it says nothing.

    Its validity is the first two instants in it.
    """
    match = PEM.search(pem)
    if match is None:
        return None
    try:
        instants = INSTANT.findall(base64.b64decode(match[1]))
    except ValueError:
        return None
    if len(instants) < 2:
        return None
    short, long = instants[1]
    text = (long or _with_century(short)).decode()
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()


def _with_century(short: bytes) -> bytes:
    return (b"20" if int(short[:2]) < CENTURY else b"19") + short
