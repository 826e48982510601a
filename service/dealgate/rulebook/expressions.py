"""Expressions are typed, and their faults reported by position; broken names are reported once."""

import re
from collections.abc import Mapping
from dataclasses import replace

from google.protobuf.descriptor import Descriptor

from dealgate.language.origins import elements_path
from dealgate.language.syntax import Tree, with_lists
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Expression, ExpressionFaults
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.clashes import Clashes
from dealgate.rulebook.written import Written

# What may fail: everything else is a comparison, a sum or a read.
CALL = re.compile(r"[(\[/%]")


class Expressions:
    """Types the expressions of one rule set, and remembers what they mention.

    `broken` are names whose own declaration has a fault: an expression that mentions one is not
    judged, since whatever it got would be an echo. `unread` tells that some expression could not
    be parsed, so what it mentions is not known. `constants` have their values in them.
    """

    def __init__(
        self, checker: ExpressionChecker, descriptor: Descriptor, faults: list[Fault]
    ) -> None:
        """`descriptor` is that of the kind's facts; faults found are added to `faults`."""
        self.checker = checker
        self.descriptor = descriptor
        self.faults = faults
        self.constants: dict[str, Expression] = {}
        self.written: dict[str, Expression] = {}  # facts that are constants in all but name
        self.lists: dict[str, str] = {}  # facts that are lists: the path of their elements
        self.clashes = Clashes(self.constants)
        self.broken: set[str] = set()
        self.mentioned: set[str] = set()
        self.unread = False

    def typed(
        self,
        written: Written | None,
        subject: str,
        variables: Mapping[str, str],
        expected: str | None = None,
        *,
        facts: bool = True,
    ) -> Expression | None:
        """Return `written` with its type; None if it has faults, which are added."""
        if written is None:
            self.unread = True
            return None
        try:
            names = self.names(written)
            if names & (self.broken - set(variables)):
                return None
            expression = self._checked(written, variables, expected, facts=facts)
            expression = self._placed(expression, names)
            self._check_constants(expression, names)
        except ExpressionFaults as error:
            for fault in error.faults:
                message = f"{subject}: {fault.message}"
                told = written.fault(fault.offset, message, fault.hint)
                told = replace(told, code=Code.EXPRESSION_INVALID)
                if not self.clashes.take(written.text, subject, fault, told):
                    self.faults.append(told)
            return None
        else:
            self.clashes.fitting |= names & self.constants.keys()
            return expression

    def place(self, name: str, typed: Expression) -> None:
        """Remember where the elements of a list that is declared stand in the facts."""
        if typed.type.startswith("list("):
            tree = Tree(typed.ast)
            path = elements_path(tree, tree.root)
            if path is not None:
                self.lists[name] = path

    def names(self, written: Written) -> frozenset[str]:
        """Return the names that `written` mentions; raises ExpressionFaults."""
        try:
            names = self.checker.names(written.text)
        except ExpressionFaults:
            self.unread = True
            raise
        self.mentioned |= names
        return names

    def mentions(self, written: Written | None) -> frozenset[str]:
        """As `names`, but empty for what cannot be read: `typed` says why."""
        try:
            return self.names(written) if written else frozenset()
        except ExpressionFaults:
            return frozenset()

    def _check_constants(self, expression: Expression, names: frozenset[str]) -> None:
        if CALL.search(expression.source):
            known = {**self.constants, **self.written}
            constants = {name: known[name].ast for name in names & known.keys()}
            if constants:
                self.checker.check_constants(expression.ast, constants)

    def _placed(self, expression: Expression, names: frozenset[str]) -> Expression:
        """Note where the elements of the lists that it mentions stand in the facts."""
        lists = {name: self.lists[name] for name in names & self.lists.keys()}
        return replace(expression, ast=with_lists(expression.ast, lists)) if lists else expression

    def _checked(
        self, written: Written, variables: Mapping[str, str], expected: str | None, *, facts: bool
    ) -> Expression:
        checked = self.checker.check(
            written.text,
            facts=self.descriptor if facts else None,
            variables=variables,
            expected=expected,
        )
        location = written.fault(0, "").location
        return Expression(written.text, checked.type, checked.ast, location, checked.enum)
