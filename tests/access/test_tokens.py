"""Tokens: what is believed, and what is not."""

import asyncio
import base64
import json
import time
from pathlib import Path
from threading import Semaphore
from typing import Any

import jwt
import pytest

from dealgate.access.keys import LEAST_PAUSE, LIFETIME, IssuerKeys, NoKey, fetched, key_set
from dealgate.access.tokens import Tokens
from dealgate.aside.threads import in_thread
from dealgate.model.access import Issuer
from dealgate.model.errors import Unauthenticated
from tests.access.keyring import AUDIENCE, ISSUER, Keyring


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """An issuer whose keys lie in a file."""
    return Keyring(tmp_path / "keys.json")


@pytest.fixture
def tokens(keyring: Keyring) -> Tokens:
    """What takes its tokens, and keeps 30 s of skew."""
    issuer = Issuer(ISSUER, AUDIENCE, str(keyring.path), ("ES256",), 30.0, {"tenants": "org_ids"})
    return Tokens([issuer])


async def test_claims_become_fields(keyring: Keyring, tokens: Tokens) -> None:
    """Registered claims have fields, scopes are split, others are text; lists keep their words."""
    given = keyring.token(
        email="ann@example.com",
        scope="read write",
        groups=["ops", 7],
        org_ids=["acme"],
        level=3,
        admin=True,
        nested={"a": 1},
    )
    token, expires = await tokens.verified(given)
    assert (token.issuer, token.subject, token.email) == (ISSUER, "crm", "ann@example.com")
    assert list(token.audiences) == [AUDIENCE]
    assert (list(token.scopes), list(token.groups)) == (["read", "write"], ["ops"])
    assert list(token.tenants) == ["acme"]
    assert dict(token.claims) == {"level": "3", "admin": "true"}
    assert expires > time.time()


async def test_an_address_that_nobody_verified(keyring: Keyring, tokens: Tokens) -> None:
    """An e-mail address that the issuer calls unverified names nobody."""
    token, _ = await tokens.verified(keyring.token(email="cfo@x.org", email_verified=False))
    assert not token.email


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example.com/"},
        {"iss": ISSUER.rstrip("/")},
        {"iss": None},
        {"nbf": time.time() + 3600},
    ],
)
async def test_wrong_claims(keyring: Keyring, tokens: Tokens, claims: dict[str, Any]) -> None:
    """Time, audience and issuer must be there and right."""
    with pytest.raises(Unauthenticated):
        await tokens.verified(keyring.token(**claims))


async def test_skew_is_tolerated(keyring: Keyring, tokens: Tokens) -> None:
    """A clock that runs a few seconds behind the issuer's does not turn callers away."""
    await tokens.verified(keyring.token(nbf=time.time() + 10, exp=time.time() - 10))


def _unsigned(claims: dict[str, Any], header: dict[str, Any], signature: str = "") -> str:
    parts = [header, claims]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return ".".join([*(text.decode() for text in texts), signature])


async def test_algorithms_are_pinned(keyring: Keyring, tokens: Tokens, tmp_path: Path) -> None:
    """No signature, and an HMAC under the published key, are worth nothing (RFC 8725, 2.1)."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 60, "sub": "crm"}
    public = json.loads((tmp_path / "keys.json").read_text())["keys"][0]
    secret = base64.urlsafe_b64decode(public["x"] + "==")
    forged = [
        _unsigned(claims, {"alg": "none", "kid": "k1"}),
        _unsigned(claims, {"alg": "NONE", "kid": "k1"}),
        jwt.encode(claims, secret, algorithm="HS256", headers={"kid": "k1"}),
        _unsigned(claims, {"alg": "ES256", "kid": "k1"}, "AAAA"),
        _unsigned(claims, {"alg": "ES256", "kid": {"a": 1}}, "AAAA"),
        _unsigned(claims, {"alg": "ES256", "kid": "k1", "jwk": public}, "AAAA"),
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            await tokens.verified(token)
    await tokens.verified(keyring.token())


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "....", "é.é.é", "x" * 100_000, "e30.e30.e30"])
async def test_what_is_no_token(tokens: Tokens, text: str) -> None:
    """Whatever is sent instead of a token is refused as such."""
    with pytest.raises(Unauthenticated):
        await tokens.verified(text)


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return what it was set to."""
        return self.now


async def test_keys_rotate(keyring: Keyring, tmp_path: Path) -> None:
    """A new key is read when it is first used, a withdrawn one goes with the next reading."""
    clock, reads = Clock(), []

    def fetch(where: str) -> bytes:
        reads.append(where)
        return fetched(where)

    keys = IssuerKeys(str(tmp_path / "keys.json"), fetch, clock)
    assert (await keys.key("k1")).key_id == "k1"
    keyring.add("k2")
    clock.now = LEAST_PAUSE + 1
    assert (await keys.key("k2")).key_id == "k2"
    keyring.withdraw("k1")
    assert (await keys.key("k1")).key_id == "k1"
    clock.now += LIFETIME + 1
    with pytest.raises(NoKey):
        await keys.key("k1")
    assert len(reads) == 3


async def test_invented_key_ids_ask_nobody(keyring: Keyring, tmp_path: Path) -> None:
    """A flood of tokens with unknown key ids reads the keys once within the pause."""
    reads = []

    def fetch(where: str) -> bytes:
        reads.append(where)
        return fetched(where)

    keys = IssuerKeys(str(tmp_path / "keys.json"), fetch, Clock())
    for number in range(20):
        with pytest.raises(NoKey):
            await keys.key(f"invented-{number}")
    assert len(reads) == 1
    assert keyring.token()


async def test_keys_outlive_an_issuer_that_is_away(keyring: Keyring, tmp_path: Path) -> None:
    """While keys cannot be read again, those that were read go on verifying."""
    clock = Clock()
    keys = IssuerKeys(str(tmp_path / "keys.json"), clock=clock)
    await keys.key("k1")
    (tmp_path / "keys.json").write_text("<html>502</html>")
    clock.now = LIFETIME + 1
    assert (await keys.key("k1")).key_id == "k1"
    assert keyring.token()


async def test_who_gives_up_keeps_nobody_waiting(keyring: Keyring, tmp_path: Path) -> None:
    """The keys that one caller asked for, and no longer waits for, are there for the next."""
    asked, may_answer = Semaphore(0), Semaphore(0)

    def fetch(where: str) -> bytes:
        asked.release()
        assert may_answer.acquire(timeout=30)
        return fetched(where)

    keys = IssuerKeys(str(tmp_path / "keys.json"), fetch, Clock())
    first = asyncio.create_task(keys.key("k1"))
    await in_thread(asked.acquire)
    first.cancel()
    second = asyncio.create_task(keys.key("k1"))
    may_answer.release()
    assert (await second).key_id == "k1"
    assert keyring.token()


def test_secret_keys_are_left_out() -> None:
    """A set that publishes an HMAC's secret, or a key for encryption, has no key for signatures."""
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}
    assert key_set(json.dumps({"keys": [secret]}).encode()) == {}
