"""What changes by time alone, or begins to fail, is told once: certificates and name servers."""

import base64
import logging
from pathlib import Path

import pytest

from dealgate.telemetry import names
from dealgate.telemetry.certificates import DAY, Certificate, observe_certificate
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.lookups import TELL_EVERY, WatchedResolver
from dealgate.telemetry.spans import Tracer
from dealgate.v1 import verify_pb2 as pb

# Two instants in DER are all that is read of a certificate: from 2026 to 2027-01-01.
BEGUN, ENDS = b"\x17\x0d260101000000Z", 1_798_761_600.0


def pem(end: bytes) -> bytes:
    """Return a certificate that ends then."""
    held = base64.encodebytes(BEGUN + b"\x17\x0d" + end + b"Z")
    return b"-----BEGIN CERTIFICATE-----\n" + held + b"-----END CERTIFICATE-----\n"


def events(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the names of what was told."""
    return [getattr(record, "event", "") for record in caplog.records]


def test_a_certificate_that_ends_soon_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At 30 days, 7 days, a day and its end, once each; a new one begins anew."""
    path, now = tmp_path / "server.pem", [ENDS - 40 * DAY]
    path.write_bytes(pem(b"270101000000"))
    certificate = Certificate(path, lambda: now[0])
    told = []
    for days in (40, 29, 20, 6.5, 6, 0.5, -1, -2):
        now[0] = ENDS - days * DAY
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            certificate.look()
        told.append(len(events(caplog)))
    assert told == [0, 1, 0, 1, 0, 1, 1, 0]
    path.write_bytes(pem(b"280101000000") + b"\n")
    now[0] += DAY
    certificate.look()
    meter = Meter(is_on=True)
    observe_certificate(meter, certificate)
    (reading,) = meter.read()
    assert reading.metric == names.TLS_CERTIFICATE_EXPIRY
    assert reading.numbers[()] == ENDS + 365 * DAY


def test_without_a_certificate_nothing_is_told() -> None:
    """Without a certificate, nothing about it is logged or measured."""
    certificate = Certificate(None)
    certificate.look()
    assert certificate.ends() is None


class Servers:
    """Name servers that answer, or do not."""

    def __init__(self) -> None:
        """They answer."""
        self.result = pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Say what a test says."""
        del domain
        return self.result


async def test_name_servers_that_stop_answering_are_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And that they answer again; not for each lead, and never which domain."""
    now = [0.0]
    servers = Servers()
    resolver = WatchedResolver(servers, Tracer(), lambda: now[0])
    with caplog.at_level(logging.INFO):
        for result, many in (
            (pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL, 2),
            (pb.MAIL_EXCHANGE_RESULT_FAILED, 3),
            (pb.MAIL_EXCHANGE_RESULT_NO_DOMAIN, 2),
        ):
            servers.result = result
            now[0] += TELL_EVERY
            for _ in range(many):
                await resolver.mail_exchange("ann.example")
    assert events(caplog) == [names.EVENT_LOOKUP_FAILING, names.EVENT_LOOKUP_ANSWERING]
    assert "ann.example" not in caplog.text
