"""Metrics are read periodically, and exported like everything else."""

import threading
import time

from dealgate.aside.lasting import lasting_thread
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.spans import Put


class Periodic:
    """Reads a meter every so many seconds, in a thread."""

    def __init__(self, meter: Meter, put: Put, interval: float) -> None:
        """Hand what is read to `put`."""
        self._meter = meter
        self._put = put
        self._interval = interval
        self._leaving = threading.Event()
        self._thread = lasting_thread("read-metrics", self._run, self._leaving)

    def close(self) -> None:
        """Read a last time."""
        self._leaving.set()
        self._thread.join(1.0)
        self._read()

    def _run(self) -> None:
        while not self._leaving.wait(self._interval):
            self._read()

    def _read(self) -> None:
        # Imported when something is read: it takes a while.
        from dealgate.telemetry.points import encoded  # noqa: PLC0415

        now = time.time_ns()
        for reading in self._meter.read():
            self._put(list(encoded(reading, self._meter.started, now)))
