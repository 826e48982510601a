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

from dealgate.access.keys import (
    LEAST_PAUSE,
    LIFETIME,
    LONGEST_AWAY,
    IssuerKeys,
    NoKey,
    fetched,
    key_set,
)
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


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"nbf": float("inf")},
        {"iat": float("inf")},
        {"exp": [1]},
        {"sub": ["crm"]},
        {"sub": "\ud800"},
        {"org_ids": ["\udfff"]},
        {"title": "\ud800"},
        {"aud": [{"a": 1}]},
    ],
    ids=str,
)
async def test_rotten_claims(keyring: Keyring, tokens: Tokens, claims: dict[str, Any]) -> None:
    """Whatever an issuer signs is a token or none: nothing else comes of it."""
    with pytest.raises(Unauthenticated):
        await tokens.verified(keyring.token(**claims))


@pytest.mark.parametrize("told", [[], {}, 0, 1, 1.5, "yes", None], ids=str)
async def test_odd_words_on_an_address(keyring: Keyring, tokens: Tokens, told: object) -> None:
    """An address is verified if the issuer says true, in whatever type, and by nothing else."""
    claims = keyring.token(email="cfo@x.org", email_verified=told)
    token, _ = await tokens.verified(claims)
    assert token.email == ("cfo@x.org" if told is None else "")


async def test_what_is_too_long_names_nobody(keyring: Keyring, tokens: Tokens) -> None:
    """A claim is taken whole or not at all: cut off, it could be another's."""
    long = "admin" + "a" * 1020
    given = keyring.token(sub=long, groups=[long, "ops"], level=long, client_id=long)
    token, _ = await tokens.verified(given)
    assert (token.subject, token.client_id, list(token.groups)) == ("", "", ["ops"])
    assert dict(token.claims) == {}


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
        _unsigned(claims, {"alg": "ES256", "kid": "k1", "jku": "https://evil.example"}, "AAAA"),
        _unsigned(claims, {"alg": "ES256", "kid": "../../etc/passwd"}, "AAAA"),
        _unsigned(claims, {"alg": ["ES256"], "kid": "k1"}, "AAAA"),
        _unsigned(claims, {"kid": "k1"}, "AAAA"),
        _unsigned(claims, {"alg": "ES256", "kid": "k1", "b64": False, "crit": ["b64"]}, "AAAA"),
        _unsigned(claims, {"alg": "ES384", "kid": "k1"}, "A" * 128),
        keyring.token().rpartition(".")[0] + ".",
        _swapped(keyring.token(), keyring.token(sub="admin")),
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            await tokens.verified(token)
    await tokens.verified(keyring.token())


def _swapped(signed: str, wanted: str) -> str:
    """Return the claims of one token under the signature of another."""
    return f"{wanted.rpartition('.')[0]}.{signed.rpartition('.')[2]}"


def _nested() -> str:
    """Return claims as deep as a token is long, which nobody has signed."""
    deep = base64.urlsafe_b64encode(b'{"iss":' + b"[" * 9_000).rstrip(b"=").decode()
    return f"{base64.urlsafe_b64encode(b'{}').decode()}.{deep}."


async def test_depth_is_no_token(tokens: Tokens) -> None:
    """Nor is what exhausts the reader of JSON, in its claims or in its header."""
    for token in (_nested(), ".".join(reversed(_nested().split(".")[:2])) + "."):
        with pytest.raises(Unauthenticated):
            await tokens.verified(token)


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
    assert (await keys.keys("k1"))[0].key_id == "k1"
    keyring.add("k2")
    clock.now = LEAST_PAUSE + 1
    assert (await keys.keys("k2"))[0].key_id == "k2"
    keyring.withdraw("k1")
    assert (await keys.keys("k1"))[0].key_id == "k1"
    clock.now += LIFETIME + 1
    with pytest.raises(NoKey):
        await keys.keys("k1")
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
            await keys.keys(f"invented-{number}")
    assert len(reads) == 1
    assert keyring.token()


async def test_keys_outlive_an_issuer_that_is_away(keyring: Keyring, tmp_path: Path) -> None:
    """While keys cannot be read again, those that were read go on verifying."""
    clock = Clock()
    keys = IssuerKeys(str(tmp_path / "keys.json"), clock=clock)
    await keys.keys("k1")
    (tmp_path / "keys.json").write_text("<html>502</html>")
    clock.now = LIFETIME + 1
    assert (await keys.keys("k1"))[0].key_id == "k1"
    assert keyring.token()


async def test_who_gives_up_keeps_nobody_waiting(keyring: Keyring, tmp_path: Path) -> None:
    """The keys that one caller asked for, and no longer waits for, are there for the next."""
    asked, may_answer = Semaphore(0), Semaphore(0)

    def fetch(where: str) -> bytes:
        asked.release()
        assert may_answer.acquire(timeout=30)
        return fetched(where)

    keys = IssuerKeys(str(tmp_path / "keys.json"), fetch, Clock())
    first = asyncio.create_task(keys.keys("k1"))
    await in_thread(asked.acquire)
    first.cancel()
    second = asyncio.create_task(keys.keys("k1"))
    may_answer.release()
    assert (await second)[0].key_id == "k1"
    assert keyring.token()


async def test_keys_do_not_outlive_it_for_long(keyring: Keyring, tmp_path: Path) -> None:
    """After a day in which they could not be read, nobody can tell whether they were withdrawn."""
    clock = Clock()
    keys = IssuerKeys(str(tmp_path / "keys.json"), clock=clock)
    await keys.keys("k1")
    (tmp_path / "keys.json").unlink()
    clock.now = LONGEST_AWAY + 1
    with pytest.raises(NoKey):
        await keys.keys("k1")
    keyring.add("k2")
    clock.now += LEAST_PAUSE + 1
    assert (await keys.keys("k1"))[0].key_id == "k1"


async def test_two_keys_of_one_id(keyring: Keyring, tokens: Tokens, tmp_path: Path) -> None:
    """Whichever of them signed, in whatever order they are published, the token is valid."""
    other = Keyring(tmp_path / "other.json")
    sets = [json.loads((tmp_path / name).read_text()) for name in ("keys.json", "other.json")]
    rsa = {"kty": "RSA", "kid": "k1", "use": "sig", "n": "x" * 342, "e": "AQAB"}
    both = [rsa, *sets[0]["keys"], {"kty": "?"}, 7, *sets[1]["keys"], rsa]
    keyring.path.write_text(json.dumps({"keys": both}))
    for ring in (keyring, other):
        assert (await tokens.verified(ring.token()))[0].subject == "crm"
    third = Keyring(tmp_path / "third.json")
    with pytest.raises(Unauthenticated):
        await tokens.verified(third.token())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", '{"keys": 7}', '{"keys": [null]}', "[" * 100_000, '{"keys": []}', "\ud800"],
    ids=range(8),
)
async def test_what_is_no_key_set(tmp_path: Path, text: str) -> None:
    """It is an operator's concern, and tokens are not valid meanwhile."""
    path = tmp_path / "keys.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(NoKey):
        await IssuerKeys(str(path)).keys("k1")


def test_secret_keys_are_left_out() -> None:
    """A set that publishes an HMAC's secret, or a key for encryption, has no key for signatures."""
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}
    assert key_set(json.dumps({"keys": [secret]}).encode()) == {}
