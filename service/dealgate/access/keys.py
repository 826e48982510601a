"""The public keys of an issuer of tokens: read from a file or a URL, and again when they change."""

import asyncio
import logging
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.error import URLError

import jwt

from dealgate.aside.threads import in_thread

HTTPS = "https://"
MOST_BYTES = 1 << 20
FETCH_SECONDS = 5.0
LIFETIME = 300.0  # seconds after which keys are read again
# A token with an invented key id must not make us ask the issuer each time.
LEAST_PAUSE = 10.0

Keys: TypeAlias = Mapping[str, jwt.PyJWK]
# Reads the JSON of a key set from where it is.
Fetch: TypeAlias = Callable[[str], bytes]

log = logging.getLogger("dealgate")


class NoKey(Exception):
    """There is no key to verify a token with."""


class IssuerKeys:
    """The keys of one issuer, by key id."""

    def __init__(
        self, where: str, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`where` is a https:// URL or the path of a file; nothing is read yet."""
        self._where = where
        self._fetch = fetch or fetched
        self._clock = clock
        self._keys: Keys = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None
        self._reading = asyncio.Lock()

    async def key(self, key_id: str | None) -> jwt.PyJWK:
        """Return the key of that id, or the only one; raises NoKey."""
        # A caller that gives up must not keep others waiting for the next attempt.
        if self._is_old():
            await asyncio.shield(self._read_again())
        key = self._known(key_id)
        if key is None:
            await asyncio.shield(self._read_again())
            key = self._known(key_id)
        if key is None:
            raise NoKey
        return key

    def _known(self, key_id: str | None) -> jwt.PyJWK | None:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id or "")

    def _is_old(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at > LIFETIME

    async def _read_again(self) -> None:
        """Read the keys, but not again within the pause; if that fails, keep those there are."""
        asked_at = self._clock()
        async with self._reading:
            tried = self._tried_at
            if tried is not None and (tried >= asked_at or asked_at - tried < LEAST_PAUSE):
                return
            self._tried_at = self._clock()
            try:
                data = await in_thread(self._fetch, self._where)
                self._keys = key_set(data)
                self._read_at = self._clock()
            except (OSError, URLError, ValueError, jwt.PyJWTError) as error:
                log.error(  # noqa: TRY400 - an operator's concern, no defect of ours
                    "keys of tokens cannot be read from %s: %s",
                    self._where,
                    error,
                    extra={"event": "dealgate.access.keys_unreadable"},
                )


def key_set(data: bytes) -> Keys:
    """Return the keys for signatures in a JWK set; raises ValueError and PyJWTError."""
    keys = jwt.PyJWKSet.from_json(data.decode()).keys
    return {
        key.key_id or "": key
        for key in keys
        # A secret key, for an HMAC, has no place in a published set.
        if key.key_type != "oct" and key.public_key_use in {None, "sig"}
    }


def fetched(where: str) -> bytes:
    """Read a file, or a URL without following it elsewhere; raises OSError and ValueError."""
    if not where.startswith(HTTPS):
        data = Path(where).read_bytes()
    else:
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(where, timeout=FETCH_SECONDS) as answer:
            data = answer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"the key set is larger than {MOST_BYTES:,} bytes")
    return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that the operator wrote, or not at all."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the answer counts as an error."""
