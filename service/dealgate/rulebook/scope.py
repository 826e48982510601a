"""The names a rule set declares: constants, then facts in the order they need each other."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from google.protobuf.descriptor import Descriptor

from dealgate.model.rules import Expression, ExpressionFaults
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.faults import Fault
from dealgate.rulebook.written import Written, constant, expression

CEL_WORDS = """
    as break const continue else false for function if import in let loop namespace null package
    return true var void while
"""
KEYWORDS = frozenset(CEL_WORDS.split())


class Scope:
    """What the expressions of one rule set may mention."""

    def __init__(self, checker: ExpressionChecker, facts: Descriptor, faults: list[Fault]) -> None:
        """`facts` describes the kind's facts; faults found are added to `faults`."""
        self.constants: dict[str, Expression] = {}
        self.facts: dict[str, Expression] = {}
        self._checker = checker
        self._descriptor = facts
        self._faults = faults
        self._reserved = checker.reserved(facts) | KEYWORDS
        self._keys: dict[str, Scalar] = {}
        self._broken: set[str] = set()
        self._used: set[str] = set()
        self._unread = False

    def declare_constants(self, node: Node | None) -> None:
        """Check every constant; none may read a fact or another constant."""
        for key, value in node if isinstance(node, Fields) else ():
            subject = f"constant {key.value}"
            written = constant(value, subject, self._faults)
            typed = self._declarable(key, subject) and self._typed(
                written, subject, {}, facts=False
            )
            self._declare(key, typed or None, self.constants)

    def declare_facts(self, node: Node | None) -> None:
        """Check every named fact, each after those it mentions."""
        found: dict[str, tuple[Scalar, Written | None]] = {}
        for key, value in node if isinstance(node, Fields) else ():
            subject = f"fact {key.value}"
            if self._declarable(key, subject):
                found[key.value] = (key, expression(value, subject, self._faults))
        for name in self._ordered(found):
            key, written = found[name]
            self._declare(key, self._typed(written, f"fact {name}", {}), self.facts)

    def check_variable(self, key: Scalar, subject: str) -> bool:
        """Tell whether a rule may name its element so; if not, add the fault."""
        hint = "choose another name for the element"
        if key.value in self._keys:
            message = f"{subject}: '{key.value}' is already the name of a constant or fact"
            self._faults.append(key.fault(message, hint))
            return False
        return self._free(key, subject, hint)

    def check(
        self,
        node: Node,
        subject: str,
        expected: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Expression | None:
        """Return the expression in `node`, typed; None if it has faults, which are added."""
        written = expression(node, subject, self._faults)
        return self._typed(written, subject, variables or {}, expected)

    def check_list(self, node: Node, subject: str) -> Expression | None:
        """As `check`, for an expression that must be a list."""
        found = self.check(node, subject)
        if found is None or found.type.startswith("list("):
            return found
        message = f"{subject}: a list must stand here, not {found.type}"
        self._faults.append(node.fault(message, "name a repeated fact, or filter one"))
        return None

    def check_used(self) -> None:
        """Add a fault for every name that nothing mentions; call it last."""
        if self._unread:
            return
        for name in sorted({*self.constants, *self.facts} - self._used):
            word = "constant" if name in self.constants else "fact"
            message = f"{word} {name}: nothing mentions it"
            self._faults.append(self._keys[name].fault(message, "delete it, or use it"))

    def _declarable(self, key: Scalar, subject: str) -> bool:
        if key.value in self._keys:
            message = f"{subject}: '{key.value}' is already the name of a constant"
            self._faults.append(key.fault(message, "give one of them another name"))
            return False
        self._keys[key.value] = key
        return self._free(key, subject, "choose another name")

    def _free(self, key: Scalar, subject: str, hint: str) -> bool:
        if key.value not in self._reserved:
            return True
        word = "a word of CEL" if key.value in KEYWORDS else "a fact, an enum value or a function"
        message = f"{subject}: '{key.value}' is already the name of {word}"
        self._faults.append(key.fault(message, hint))
        self._broken.add(key.value)
        return False

    def _declare(self, key: Scalar, typed: Expression | None, into: dict[str, Expression]) -> None:
        if typed is None:
            self._broken.add(key.value)
        else:
            into[key.value] = typed

    def _typed(
        self,
        written: Written | None,
        subject: str,
        variables: Mapping[str, str],
        expected: str | None = None,
        *,
        facts: bool = True,
    ) -> Expression | None:
        if written is None:
            self._unread = True
            return None
        try:
            return self._checked(written, variables, expected, facts=facts)
        except ExpressionFaults as error:
            for fault in error.faults:
                message = f"{subject}: {fault.message}"
                self._faults.append(written.fault(fault.offset, message, fault.hint))
            return None

    def _checked(
        self,
        written: Written,
        variables: Mapping[str, str],
        expected: str | None,
        *,
        facts: bool,
    ) -> Expression | None:
        mentioned = self._names(written.text)
        if mentioned & (self._broken - set(variables)):
            return None
        declared = {**self.constants, **self.facts} if facts else {}
        types = {name: expression.type for name, expression in declared.items()}
        checked = self._checker.check(
            written.text,
            facts=self._descriptor if facts else None,
            variables={**types, **variables},
            expected=expected,
        )
        place = written.fault(0, "").place
        return Expression(written.text, checked.type, checked.ast, place)

    def _names(self, text: str) -> frozenset[str]:
        try:
            names = self._checker.names(text)
        except ExpressionFaults:
            self._unread = True
            raise
        self._used |= names
        return names

    def _ordered(self, found: Mapping[str, tuple[Scalar, Written | None]]) -> Iterable[str]:
        """Return the names in dependency order, without those in a cycle, which are reported."""
        needs = {name: self._needs(written, found) for name, (_, written) in found.items()}
        while True:
            try:
                return list(TopologicalSorter(needs).static_order())
            except CycleError as error:
                cycle: list[str] = error.args[1]
                self._report_cycle(cycle, found)
                rest = [name for name in needs if name not in cycle]
                needs = {name: [n for n in needs[name] if n in rest] for name in rest}

    def _needs(self, written: Written | None, found: Iterable[str]) -> list[str]:
        """Return the facts that are mentioned, in file order: the order must not vary."""
        try:
            mentioned = self._checker.names(written.text) if written else frozenset[str]()
        except ExpressionFaults:
            return []
        return [name for name in found if name in mentioned]

    def _report_cycle(
        self, cycle: list[str], found: Mapping[str, tuple[Scalar, Written | None]]
    ) -> None:
        first = min(cycle, key=lambda name: found[name][0].start)
        turn = cycle.index(first)
        round_trip = [*cycle[turn:-1], *cycle[:turn], first]
        message = f"fact {first}: it needs itself: {' → '.join(round_trip)}"
        self._faults.append(found[first][0].fault(message, "break the circle"))
        self._broken.update(cycle)
        self._used.update(cycle)
