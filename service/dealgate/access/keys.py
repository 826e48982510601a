"""The public keys of an issuer of tokens: read from a file or a URL, and again when they change."""

import asyncio
import json
import logging
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias
from urllib.error import URLError

import jwt

from dealgate.aside.threads import in_thread

HTTPS = "https://"
MOST_BYTES = 1 << 20
MOST_OF_AN_ID = 4  # keys, each of which may have to be tried
FETCH_SECONDS = 5.0
LIFETIME = 300.0  # seconds after which keys are read again
# A token with an invented key id must not make us ask the issuer each time.
LEAST_PAUSE = 10.0
# Keys that could not be reloaded for longer than this may have been revoked since.
LONGEST_AWAY = 24 * 3600.0

Keys: TypeAlias = Mapping[str, Sequence[jwt.PyJWK]]
# Reads the JSON of a key set from where it is.
Fetch: TypeAlias = Callable[[str], bytes]
# What reading a key set may raise.
ROTTEN = (OSError, URLError, ValueError, TypeError, LookupError, RecursionError, jwt.PyJWTError)

log = logging.getLogger("dealgate")


class NoKey(Exception):
    """No key can verify the token."""


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

    async def keys(self, key_id: str | None) -> Sequence[jwt.PyJWK]:
        """Return the keys of that id, or the only ones; raises NoKey."""
        # A caller that gives up must not keep others waiting for the next attempt.
        if self._is_older_than(LIFETIME):
            await asyncio.shield(self._read_again())
        if self._is_older_than(LONGEST_AWAY):
            raise NoKey
        if not self._known(key_id):
            await asyncio.shield(self._read_again())
        if not (known := self._known(key_id)):
            raise NoKey
        return known

    def _known(self, key_id: str | None) -> Sequence[jwt.PyJWK]:
        if key_id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id or "", ())

    def _is_older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._clock() - self._read_at > seconds

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
            except ROTTEN as error:
                log.error(  # noqa: TRY400 - an operator's concern, no defect of ours
                    "keys of tokens cannot be read from %s: %s",
                    self._where,
                    error,
                    extra={"event": "dealgate.access.keys_unreadable"},
                )


def key_set(data: bytes) -> Keys:
    """Return the keys for signatures in a JWK set, by key id; raises ROTTEN."""
    keys: dict[str, list[jwt.PyJWK]] = {}
    for entry in json.loads(data)["keys"]:
        # What cannot be a key of ours is passed over, as it may be of use to others.
        with suppress(jwt.PyJWTError, ValueError, TypeError, AttributeError):
            key = jwt.PyJWK(entry)
            # A secret key, for an HMAC, has no place in a published set.
            if key.key_type != "oct" and key.public_key_use in {None, "sig"}:
                keys.setdefault(key.key_id or "", []).append(key)
    return {key_id: known[:MOST_OF_AN_ID] for key_id, known in keys.items()}


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
