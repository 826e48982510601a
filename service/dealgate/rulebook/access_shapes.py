"""The shapes of access.yaml and of its cases."""

from collections import Counter
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from dealgate.model.access import Opening
from dealgate.model.shown import visible
from dealgate.rulebook.shapes import Condition, Shape, Words

Item = TypeVar("Item")


def _is_distinct(items: list[Item]) -> list[Item]:
    twice = [item for item, number in Counter(items).items() if number > 1]
    if twice:
        raise ValueError(f"'{twice[0]}' is listed twice")
    return items


def _is_some(items: list[str] | str) -> list[str] | str:
    if items == "any" or isinstance(items, str):
        return items
    if "any" in items:
        raise ValueError("'any' stands for all of them; write it alone and without brackets")
    if not items:
        raise ValueError("covers nothing: write any, or at least one")
    return _is_distinct(items)


TENANT = r"^[A-Za-z0-9._-]{1,64}$"
Tenants = Annotated[
    list[Annotated[str, Field(pattern=TENANT)]] | Literal["any"], AfterValidator(_is_some)
]
Kinds = Annotated[list[Words] | Literal["any"], AfterValidator(_is_some)]
RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]

# Signatures by a key that only the issuer holds. With the HMAC ones the server could issue tokens
# itself, and a published key would be taken for its secret.
ALGORITHMS = (
    *(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)),
    "EdDSA",
)


def _is_signature(algorithm: str) -> str:
    if algorithm not in ALGORITHMS:
        raise ValueError(f"is not one of {', '.join(ALGORITHMS)}")
    return algorithm


def _is_secure(keys: str) -> str:
    if keys.startswith("http://"):
        raise ValueError("is fetched without TLS: anyone on the network could issue tokens")
    if keys.startswith("https://") and not _is_address(keys):
        raise ValueError("is not the address of a key set: https://login.example.com/keys")
    return keys


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _is_seen(name: str) -> str:
    if visible(name) != name or not name.strip():
        raise ValueError("must be a name that can be seen, without control characters")
    return name


class IssuerShape(Shape):
    """Whose tokens are taken."""

    issuer: Words = Field(description="The `iss` of its tokens, to the letter")
    audience: Words = Field(description="What `aud` must name: this service")
    keys: Annotated[Words, AfterValidator(_is_secure)] = Field(
        description="Its JWK set: an https:// URL, or a file beside this one"
    )
    algorithms: Annotated[
        list[Annotated[str, AfterValidator(_is_signature)]],
        Field(min_length=1),
        AfterValidator(_is_distinct),
    ] = Field(description="The signatures that are taken: [RS256]")
    clock_skew_seconds: int = Field(
        30, ge=0, le=300, description="How far the issuer's clock may differ"
    )
    claims: dict[Literal["groups", "roles", "tenants"], Words] = Field(
        {}, description="Which claims hold them: {groups: cognito:groups}"
    )


class RoleShape(Shape):
    """What its holders may do."""

    may: Annotated[list[Words], Field(min_length=1), AfterValidator(_is_distinct)] = Field(
        description="Permissions (decide, read, record, insight, rules, release, erase), or RPCs"
    )
    tenants: Tenants = Field(description="Whose decisions: a list, or any")
    kinds: Kinds = Field("any", description="Which kinds of decision")
    when: Condition = Field(None, description="A CEL condition that must hold, too")
    because: Words = Field(description="Why")


class PrincipalShape(Shape):
    """Who the caller is, if `when` holds."""

    name: Annotated[Words, AfterValidator(_is_seen)] | None = Field(
        None, description="The name in records, releases and the log"
    )
    name_from: Condition = Field(None, description="A CEL expression for it: token.email")
    when: Condition = Field(description='A CEL condition: token.subject == "crm"')
    roles: Annotated[list[RoleName], Field(min_length=1), AfterValidator(_is_distinct)]


class AccessShape(Shape):
    """All of access.yaml."""

    because: Words = Field(description="Who decided this, and why")
    tokens: list[IssuerShape] = Field([], description="Whose JSON Web Tokens are taken")
    principals: Annotated[list[PrincipalShape], Field(min_length=1)] = Field(
        description="Who is who: the first whose `when` holds"
    )
    roles: Annotated[dict[RoleName, RoleShape], Field(min_length=1)]
    open: list[Opening] = Field(
        [Opening.HEALTH], description="What everyone may call: health, reflection"
    )


class CallShape(Shape):
    """A call that is tried."""

    case: Words = Field(description="What this case shows, as a sentence")
    token: dict[str, Any] = Field({}, description="Fields of the caller's token")
    certificate: dict[str, Any] = Field({}, description="Names in the caller's certificate")
    method: Words = Field(description="The RPC: LeadService.ScoreLead")
    tenant: Annotated[str, Field(pattern=TENANT)] | None = None
    kind: Words | None = Field(None, description="The kind, of an RPC that takes several")
    allowed: Literal["true", "false"]
    principal: Words | None = Field(None, description="Who the caller must be taken for")
