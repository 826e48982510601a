"""Encrypted connections, against a server with a certificate made for the test."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from clients.python.tests.stand_in import StandIn
from dealgate_client import AsyncClient, Client, Retry, Tls, Unavailable

ONCE = Retry(attempts=1)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate for "dealgate.test" that is its own authority, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate to test with")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    name = ["-subj", "/CN=dealgate.test", "-addext", "subjectAltName=DNS:dealgate.test"]
    made = ["-keyout", str(key), "-out", str(certificate), "-nodes", "-days", "2"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = [openssl, "req", "-x509", *kind, *made, *name]
    subprocess.run(command, check=True, capture_output=True)
    return Tls(ca=certificate, certificate=certificate, key=key, server_name="dealgate.test")


@pytest.fixture
def secured(identity: Tls) -> Iterator[StandIn]:
    """A server that wants to see its callers' certificates (mutual TLS)."""
    assert identity.ca is not None
    assert identity.key is not None
    pair = (identity.key.read_bytes(), identity.ca.read_bytes())
    credentials = grpc.ssl_server_credentials([pair], pair[1], require_client_auth=True)
    stand_in = StandIn(credentials)
    yield stand_in
    stand_in.stop()


def test_mutual_tls_connects(identity: Tls, secured: StandIn) -> None:
    """With an authority it trusts and a certificate of its own the client gets through."""
    with Client(secured.target, tls=identity, timeout=30) as client:
        assert client.is_serving()


async def test_mutual_tls_connects_for_asyncio(identity: Tls, secured: StandIn) -> None:
    """The same for asyncio."""
    async with AsyncClient(secured.target, tls=identity, timeout=30) as client:
        assert await client.is_serving()


def test_a_stranger_is_turned_away(identity: Tls, secured: StandIn) -> None:
    """Without a certificate, or against a server nobody vouches for, no call gets through."""
    anonymous = Tls(ca=identity.ca, server_name=identity.server_name)
    distrustful = Tls(certificate=identity.certificate, key=identity.key)
    for tls in (anonymous, distrustful, None):
        with Client(secured.target, tls=tls, retry=ONCE) as client, pytest.raises(Unavailable):
            client.is_serving()
    assert secured.received == []


def test_half_an_identity_is_refused() -> None:
    """A certificate without its key proves nothing."""
    with pytest.raises(ValueError, match="both"):
        Tls(certificate=Path("certificate.pem"))
