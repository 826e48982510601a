"""access.yaml: read completely, as strictly as rules, with the position of every fault."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dealgate.language.syntax import Tree, names
from dealgate.model.access import AccessCase, AccessRules, Issuer, Permission, PrincipalRule, Role
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Expression
from dealgate.rulebook.access_shapes import AccessShape, CallShape
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Items, Node, Scalar, below
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.faults import RulebookFaults, coded_as, did_you_mean
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import read_source
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.rulebook.validation import validated
from dealgate.rulebook.written import expression
from dealgate.v1 import access_pb2 as pb

HTTPS = "https://"


@dataclass(frozen=True, slots=True)
class AccessNames:
    """What access.yaml may name: RPCs as "LeadService.ScoreLead", and kinds."""

    rpcs: Collection[str]
    kinds: Collection[str]


def read_access(path: Path, checker: ExpressionChecker, known: AccessNames) -> AccessRules:
    """Return what a file says; raises RulebookFaults with everything that is wrong in it."""
    faults: list[Fault] = []
    with coded_as(Code.RULES_INVALID, faults):
        document = _document(path, faults)
        reader = _Reader(checker, known, faults)
        rules = None if document is None else reader.rules(document, path)
    if faults or rules is None:
        raise RulebookFaults(faults)
    return rules


def read_access_cases(path: Path) -> Sequence[AccessCase]:
    """Return the calls that a file of cases tries; raises RulebookFaults."""
    faults: list[Fault] = []
    with coded_as(Code.CASES_INVALID, faults):
        document = _document(path, faults)
        items = document.items if isinstance(document, Items) else ()
        if document is not None and not items:
            faults.append(document.fault("a list of calls is expected here", "- case: …"))
        cases = [_case(item, faults) for item in items]
    if faults:
        raise RulebookFaults(faults)
    return [case for case in cases if case is not None]


def _document(path: Path, faults: list[Fault]) -> Node | None:
    source = read_source(path, path.as_posix(), faults)
    return None if source is None else read_yaml(source, faults)


class _Reader:
    def __init__(self, checker: ExpressionChecker, known: AccessNames, faults: list[Fault]) -> None:
        self._known = known
        self._faults = faults
        self._expressions = Expressions(checker, pb.AccessFacts.DESCRIPTOR, faults)

    def rules(self, document: Node, path: Path) -> AccessRules | None:
        shape = validated(document, AccessShape, self._faults)
        if shape is None:
            return None
        roles = dict(self._roles(document, shape))
        principals = [
            self._principal(below(below(document, "principals"), index), shape, index)
            for index in range(len(shape.principals))
        ]
        return AccessRules(
            issuers=tuple(self._issuers(document, shape, path)),
            principals=tuple(principal for principal in principals if principal is not None),
            roles=roles,
            open=frozenset(shape.open),
            digest=hashlib.sha256(document.source.text.encode()).hexdigest(),
        )

    def _issuers(self, document: Node, shape: AccessShape, path: Path) -> Iterator[Issuer]:
        seen: set[str] = set()
        for index, terms in enumerate(shape.tokens):
            node = below(below(below(document, "tokens"), index), "issuer")
            if terms.issuer in seen and node is not None:
                message = f"tokens: there is another issuer '{terms.issuer}'"
                self._faults.append(node.fault(message, "keep one of them"))
            seen.add(terms.issuer)
            keys = terms.keys
            if not keys.startswith(HTTPS):
                keys = self._file(below(below(below(document, "tokens"), index), "keys"), path)
            yield Issuer(
                terms.issuer,
                terms.audience,
                keys,
                tuple(terms.algorithms),
                float(terms.clock_skew_seconds),
                {str(field): claim for field, claim in terms.claims.items()},
            )

    def _file(self, node: Node | None, path: Path) -> str:
        if not isinstance(node, Scalar):
            return ""
        keys = path.parent / node.value
        if not keys.is_file():
            message = f"keys: there is no file {keys}"
            hint = "write an https:// URL, or a path that begins at the folder of this file"
            self._faults.append(node.fault(message, hint))
        return str(keys)

    def _roles(self, document: Node, shape: AccessShape) -> Iterator[tuple[str, Role]]:
        for name, terms in shape.roles.items():
            node = below(below(document, "roles"), name)
            subject = f"role {name}"
            rpcs = {*Permission, *self._known.rpcs}
            self._check_names(below(node, "may"), rpcs, f"{subject}: may")
            self._check_names(
                below(node, "kinds"), {*self._known.kinds, "any"}, f"{subject}: kinds"
            )
            yield (
                name,
                Role(
                    name,
                    frozenset(terms.may),
                    None if terms.tenants == "any" else frozenset(terms.tenants),
                    None if terms.kinds == "any" else frozenset(terms.kinds),
                    self._typed(below(node, "when"), f"{subject}: when", "bool"),
                ),
            )

    def _check_names(self, node: Node | None, known: Collection[str], subject: str) -> None:
        for item in node.items if isinstance(node, Items) else ():
            if isinstance(item, Scalar) and item.value not in known:
                message = f"{subject}: '{item.value}' is not known here"
                self._faults.append(item.fault(message, did_you_mean(item.value, known)))

    def _principal(self, node: Node | None, shape: AccessShape, index: int) -> PrincipalRule | None:
        terms = shape.principals[index]
        subject = f"principal {terms.name or index + 1}"
        if node is None:
            return None
        if (terms.name is None) == (below(node, "name_from") is None):
            message = f"{subject}: write name or name_from, one of the two"
            self._faults.append(node.fault(message, "name: crm, or name_from: token.email"))
        roles = below(node, "roles")
        self._check_names(roles, shape.roles, f"{subject}: roles")
        when = self._of_caller(below(node, "when"), f"{subject}: when", "bool")
        name = self._of_caller(below(node, "name_from"), f"{subject}: name_from", "string")
        if when is None or (terms.name is None and name is None):
            return None
        return PrincipalRule(terms.name or name or "", when, tuple(terms.roles), node.location)

    def _of_caller(self, node: Node | None, subject: str, type_: str) -> Expression | None:
        """Return an expression that tells who calls: what is asked for is not part of that."""
        typed = self._typed(node, subject, type_)
        if node is not None and typed is not None and "request" in names(Tree(typed.ast).root):
            message = f"{subject}: reads the request, which does not identify the caller"
            self._faults.append(node.fault(message, "move the condition to `when` of a role"))
        return typed

    def _typed(self, node: Node | None, subject: str, type_: str) -> Expression | None:
        if node is None:
            return None
        written = expression(node, subject, self._faults)
        return None if written is None else self._expressions.typed(written, subject, {}, type_)


def _case(node: Node, faults: list[Fault]) -> AccessCase | None:
    shape = validated(node, CallShape, faults)
    if shape is None or not isinstance(node, Fields):
        return None
    facts = pb.AccessFacts()
    for name in ("token", "certificate"):
        part = node.get(name)
        if part is not None:
            # Shown and empty is not the same as not shown.
            getattr(facts, name).SetInParent()
            read_message(part, getattr(facts, name), f"case {shape.case}", faults)
    facts.request.method = shape.method
    facts.request.tenant = shape.tenant or ""
    facts.request.kind = shape.kind or ""
    return AccessCase(
        shape.case,
        facts.SerializeToString(),
        shape.principal,
        shape.allowed == "true",
        node.location,
    )
