"""Who the caller is, and whether it may have what it asks for: access.yaml applied to one call.

Without a principal that a rule names, and without a role that covers the call, it is refused.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dealgate.language.evaluators import Evaluator
from dealgate.language.exact import compile_exact
from dealgate.language.frame import Frame, named_frame
from dealgate.language.syntax import Tree
from dealgate.language.values import NoValue, Ternary, Unknown, Value
from dealgate.model.access import AccessRules, Asked, Opening, PrincipalRule, Role, Shown
from dealgate.model.errors import Forbidden, Unauthenticated
from dealgate.model.rules import Expression
from dealgate.model.shown import visible
from dealgate.v1 import access_pb2 as pb

# An id of the SPIFFE standard, whose segments are no dots alone.
SPIFFE = re.compile(r"spiffe://[a-z0-9._-]{1,255}(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]+)*")
LONGEST_SPIFFE = 2048
# A caller is taken for whom it was this many seconds ago: a decision costs 40 µs, a signature more.
LIFETIME = 10.0
MOST_CALLERS, MOST_ANSWERS = 4096, 4096
DEPENDS = Unknown(("request.kind",))

# Returns a token's claims, and the Unix second at which it expires.
Verify: TypeAlias = Callable[[str], Awaitable[tuple[pb.AccessToken, float]]]
Clock: TypeAlias = Callable[[], float]  # Unix seconds


class Caller:
    """A principal, and what it was already answered."""

    def __init__(
        self, name: str, roles: "Sequence[_Role]", facts: pb.AccessFacts, clock: Clock
    ) -> None:
        self.name = name
        self._roles = roles
        self._facts = facts
        self._clock = clock
        self._answers: dict[Asked, Ternary] = {}

    def may(self, asked: Asked, *, of_some_kind: bool = False) -> bool:
        """Tell whether a role covers the call.

        With `of_some_kind` its kind is not known yet, and it is enough that some kind could be.
        """
        verdict = self._answers.get(asked)
        if verdict is None:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            verdict = self._answers[asked] = self._verdict(asked)
        return verdict is True or (of_some_kind and verdict is not False)

    def _verdict(self, asked: Asked) -> Ternary:
        """Return True, False, or why that depends on the kind."""
        facts = pb.AccessFacts()
        facts.CopyFrom(self._facts)
        facts.request.method = asked.method
        facts.request.permission = asked.permission
        facts.request.tenant = asked.tenant
        facts.request.kind = asked.kind
        now = _nanoseconds(self._clock)
        verdicts = [role.covers(asked, facts, now) for role in self._roles]
        if any(verdict is True for verdict in verdicts):
            return True
        return next((verdict for verdict in verdicts if verdict is not False), False)


class Guard:
    """Holds calls to one reading of access.yaml."""

    def __init__(self, rules: AccessRules, verify: Verify, clock: Clock = time.time) -> None:
        """`verify` raises Unauthenticated on tokens that are not valid."""
        self._open = rules.open
        self._verify = verify
        self._clock = clock
        self._roles = {name: _Role.of(role) for name, role in rules.roles.items()}
        self._principals = [(_Principal.of(rule), rule.roles) for rule in rules.principals]
        self._callers: OrderedDict[Shown, tuple[Caller, float]] = OrderedDict()

    def is_open(self, opening: Opening) -> bool:
        """Tell whether everybody is answered."""
        return opening in self._open

    async def caller(self, shown: Shown) -> Caller:
        """Return who calls; raises Unauthenticated, and Forbidden for one whom no rule names."""
        known = self._callers.get(shown)
        now = self._clock()
        if known is not None and now < known[1]:
            return known[0]
        facts, until = await self._facts(shown, now)
        caller = self.named(facts)
        self._callers[shown] = caller, until
        self._callers.move_to_end(shown)
        if len(self._callers) > MOST_CALLERS:
            self._callers.popitem(last=False)
        return caller

    def named(self, facts: pb.AccessFacts) -> Caller:
        """Return whom the first matching rule names; raises Unauthenticated and Forbidden."""
        now = _nanoseconds(self._clock)
        for principal, roles in self._principals:
            name = principal.name_of(facts, now)
            if name:
                return Caller(name, [self._roles[role] for role in roles], facts, self._clock)
        if not facts.HasField("token") and not facts.HasField("certificate"):
            wrong = "no token or certificate was shown; send `authorization: Bearer …`"
            raise Unauthenticated(wrong)
        raise Forbidden("no principal of this server's access rules is this caller")

    async def _facts(self, shown: Shown, now: float) -> tuple[pb.AccessFacts, float]:
        facts, until = pb.AccessFacts(), now + LIFETIME
        if shown.token is not None:
            # A token that is not valid is refused, whatever else was shown.
            token, expires = await self._verify(shown.token)
            facts.token.CopyFrom(token)
            until = min(until, expires)
        if shown.common_name or shown.alternative_names:
            facts.certificate.CopyFrom(_certificate(shown))
        return facts, until


def _certificate(shown: Shown) -> pb.ClientCertificate:
    return pb.ClientCertificate(
        common_name=shown.common_name,
        alternative_names=shown.alternative_names,
        spiffe_id=_spiffe_id(shown.uris),
    )


def _spiffe_id(uris: Sequence[str]) -> str:
    """Return the id, or "": a certificate with several URIs has none (X.509-SVID, 2)."""
    if len(uris) != 1 or len(uris[0]) > LONGEST_SPIFFE or not SPIFFE.fullmatch(uris[0]):
        return ""
    return uris[0]


def _truth(value: Value) -> Ternary:
    return value if isinstance(value, bool | NoValue) else False


def _compiled(expression: Expression) -> Evaluator:
    return compile_exact(Tree(expression.ast))


def _nanoseconds(clock: Clock) -> int:
    return round(clock() * 1e9)


def _frame(facts: pb.AccessFacts, now: int) -> Frame:
    return named_frame(facts, {}, now, {})


@dataclass(frozen=True, slots=True)
class _Principal:
    """A rule that names callers, compiled."""

    name: str | Evaluator
    when: Evaluator

    @classmethod
    def of(cls, rule: PrincipalRule) -> "_Principal":
        name = rule.name if isinstance(rule.name, str) else _compiled(rule.name)
        return cls(name, _compiled(rule.when))

    def name_of(self, facts: pb.AccessFacts, now: int) -> str:
        """Return the caller's name; "": it is not this one."""
        if self.when(_frame(facts, now)) is not True:
            return ""
        name = self.name if isinstance(self.name, str) else self.name(_frame(facts, now))
        # A name that hides something could be read as another's.
        return name if isinstance(name, str) and visible(name) == name else ""


@dataclass(frozen=True, slots=True)
class _Role:
    """A role, compiled."""

    terms: Role
    when: Evaluator | None

    @classmethod
    def of(cls, role: Role) -> "_Role":
        return cls(role, None if role.when is None else _compiled(role.when))

    def covers(self, asked: Asked, facts: pb.AccessFacts, now: int) -> Ternary:
        """Return whether it covers the call; what depends on a kind not named is not False."""
        terms = self.terms
        if asked.permission not in terms.may and asked.method not in terms.may:
            return False
        if terms.tenants is not None and asked.tenant and asked.tenant not in terms.tenants:
            return False
        if terms.kinds is not None and asked.kind and asked.kind not in terms.kinds:
            return False
        held: Ternary = True if self.when is None else _truth(self.when(_frame(facts, now)))
        if held is not False and terms.kinds is not None and not asked.kind:
            return DEPENDS
        return held
