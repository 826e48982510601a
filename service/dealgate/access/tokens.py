"""JSON Web Tokens verified (RFC 7519, RFC 8725): signature, algorithm, issuer, audience, time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import jwt

from dealgate.access.keys import IssuerKeys, NoKey
from dealgate.model.access import Issuer
from dealgate.model.errors import Unauthenticated
from dealgate.v1 import access_pb2 as pb

LONGEST = 16 * 1024  # characters
REQUIRED = ("exp", "iss", "aud")
MOST_WORDS, MOST_CLAIMS, LONGEST_CLAIM = 200, 100, 1024
# What reading claims may raise: an invalid number, invalid text, JSON that is too deep.
ROTTEN = (jwt.PyJWTError, NoKey, ValueError, TypeError, ArithmeticError, RecursionError)
# Claims with a field of their own.
READ = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "email", "email_verified", "client_id", "azp"}
)

Claims: TypeAlias = Mapping[str, Any]


class Tokens:
    """Verifies the tokens of some issuers."""

    def __init__(
        self, issuers: Iterable[Issuer], keys_of: Callable[[str], IssuerKeys] = IssuerKeys
    ) -> None:
        """`keys_of` a URL or file."""
        self._issuers = {issuer.issuer: (issuer, keys_of(issuer.keys)) for issuer in issuers}

    async def verified(self, token: str) -> tuple[pb.AccessToken, float]:
        """Return the token's claims, and when it expires (Unix seconds); raises Unauthenticated.

        What is wrong is not reported in detail, which would only help forgers.
        """
        try:
            issuer, keys = self._issuer(token)
            known = await keys.keys(jwt.get_unverified_header(token).get("kid"))
            claims = _verified(token, issuer, known)
            return _message(claims, issuer), float(claims["exp"]) + issuer.clock_skew
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired; get a new one") from None
        except jwt.InvalidAudienceError:
            raise Unauthenticated("the token is for another audience") from None
        except ROTTEN:
            raise Unauthenticated("the token is not valid") from None

    def _issuer(self, token: str) -> tuple[Issuer, IssuerKeys]:
        if len(token) > LONGEST:
            raise NoKey
        # Nothing of this is believed: it only says with whose keys to verify.
        claims: Claims = jwt.decode(token, options={"verify_signature": False})
        issuer = self._issuers.get(str(claims.get("iss")))
        if issuer is None:
            raise NoKey
        return issuer


def _verified(token: str, issuer: Issuer, known: Sequence[jwt.PyJWK]) -> Claims:
    """Return the claims, by whichever of the keys has signed them; raises what `jwt.decode` does.

    Keys of one set should have ids of their own (RFC 7517, 4.5), and do not always. TypeError: the
    key is for another algorithm.
    """
    for key in known:
        with suppress(jwt.InvalidSignatureError, jwt.InvalidKeyError, TypeError):
            return jwt.decode(
                token,
                key.key,
                algorithms=list(issuer.algorithms),
                audience=issuer.audience,
                issuer=issuer.issuer,
                leeway=issuer.clock_skew,
                options={"require": list(REQUIRED)},
            )
    raise NoKey


def _message(claims: Claims, issuer: Issuer) -> pb.AccessToken:
    named = issuer.claims
    told = claims.get("email_verified", True)
    verified = told is True or told == "true"
    taken = READ | {"scope", "scp", *named.values()}
    return pb.AccessToken(
        issuer=str(claims["iss"]),
        subject=_text(claims.get("sub")),
        email=_text(claims.get("email")) if verified else "",
        client_id=_text(claims.get("client_id", claims.get("azp"))),
        audiences=_words(claims["aud"])[:MOST_CLAIMS],
        scopes=_words(claims.get("scope", claims.get("scp")), split=True),
        groups=_words(claims.get(named.get("groups", "groups"))),
        roles=_words(claims.get(named.get("roles", "roles"))),
        tenants=_words(claims.get(named.get("tenants", "tenants"))),
        claims=dict(_others(claims, taken)),
    )


def _text(claim: object) -> str:
    """Return the claim, or "": cut off, it could be another's."""
    return claim if isinstance(claim, str) and len(claim) <= LONGEST_CLAIM else ""


def _words(claim: object, *, split: bool = False) -> Sequence[str]:
    if isinstance(claim, str):
        claim = claim.split() if split else [claim]
    if not isinstance(claim, list):
        return []
    return [word for word in map(_text, claim) if word][:MOST_WORDS]


def _others(claims: Claims, taken: Iterable[str]) -> Iterable[tuple[str, str]]:
    rest = [name for name in sorted(claims) if name not in taken]
    for name in rest[:MOST_CLAIMS]:
        claim = claims[name]
        if isinstance(claim, bool):
            yield name, "true" if claim else "false"
        elif isinstance(claim, str | int | float) and _text(str(claim)):
            yield name, str(claim)
