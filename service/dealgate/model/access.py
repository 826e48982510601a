"""Who may ask for what: access.yaml as values, and a call as it is checked against them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dealgate.model.rules import Expression, Location


class Permission(StrEnum):
    """What an RPC takes; each RPC takes one."""

    DECIDE = "decide"
    READ = "read"
    RECORD = "record"
    FACTS = "facts"
    INSIGHT = "insight"
    RULES = "rules"
    RELEASE = "release"
    ERASE = "erase"


class Opening(StrEnum):
    """What is answered to everybody, if access.yaml says so."""

    HEALTH = "health"
    REFLECTION = "reflection"


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken. `keys` is an https:// URL of a JWK set, or the path of a file."""

    issuer: str
    audience: str
    keys: str
    algorithms: tuple[str, ...]
    clock_skew: float = 30.0
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """What its holders may do. Tenants and kinds None: any."""

    name: str
    may: frozenset[str]
    tenants: frozenset[str] | None
    kinds: frozenset[str] | None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class PrincipalRule:
    """Who `when` holds for is this principal. The name is text, or an expression for it."""

    name: str | Expression
    when: Expression
    roles: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class AccessRules:
    """All of access.yaml. The first principal whose `when` holds is the caller."""

    issuers: tuple[Issuer, ...]
    principals: tuple[PrincipalRule, ...]
    roles: Mapping[str, Role]
    open: frozenset[Opening]
    digest: str


@dataclass(frozen=True, slots=True)
class AccessCase:
    """A call that must be allowed or not. `caller` holds claims and names as access.yaml reads."""

    case: str
    facts: bytes
    principal: str | None
    allowed: bool
    location: Location


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for; `kind` "" is none, or several, or not known yet."""

    method: str
    permission: Permission
    tenant: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a call shows of its caller: a token, and names in a certificate that TLS verified."""

    token: str | None = None
    common_name: str = ""
    alternative_names: tuple[str, ...] = ()
    # Those of the alternative names that are URIs: a host may not call itself like one.
    uris: tuple[str, ...] = ()
