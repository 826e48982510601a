"""Settings of the network, for the server."""

import os

from dealgate.assemble.worker_process import is_worker
from dealgate.settings import Settings
from dealgate.wire.admission import Bounds
from dealgate.wire.server import Listening
from dealgate.wire.tls import Tls


def listening(settings: Settings) -> Listening:
    """Return how to listen."""
    tls = None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        tls = Tls(settings.tls_certificate, settings.tls_key, settings.tls_client_ca)
    return Listening(
        address=settings.address,
        tls=tls,
        max_message_bytes=settings.max_message_bytes,
        max_streams=settings.max_streams,
        shares_port=is_worker(os.environ),
        bounds=Bounds(seconds=settings.max_wait),
        lame_duck=settings.lame_duck,
        grace=settings.grace,
    )
