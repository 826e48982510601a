"""The names a rule set declares: constants, then facts in the order they need each other."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from google.protobuf.descriptor import Descriptor

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import Expression
from dealgate.model.sentences import joined
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.ordering import in_order
from dealgate.rulebook.written import Written, constant, expression

CEL_WORDS = """
    as break const continue else false for function if import in let loop namespace null package
    return true var void while
"""
KEYWORDS = frozenset(CEL_WORDS.split())
NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
RENAME = "choose another name"
MARK = "'"

Declared = Mapping[str, tuple[Scalar, Written | None]]


class Giving(Protocol):
    """A table whose rows tell a named fact."""

    @property
    def name(self) -> Scalar | None:
        """The fact."""

    @property
    def written(self) -> Sequence[Written]:
        """What its headers and cells say."""

    def told(self, scope: "Scope") -> Expression | None:
        """Return the fact, once all that it mentions is declared; None if it has faults."""


# How others write true and false.
TRUTHS = dict.fromkeys(("true", "yes", "on"), "true") | dict.fromkeys(
    ("false", "no", "off"), "false"
)


class Scope:
    """What the expressions of one rule set may mention."""

    def __init__(self, checker: ExpressionChecker, facts: Descriptor, faults: list[Fault]) -> None:
        """`facts` describes the kind's facts; faults found are added to `faults`."""
        self.facts: dict[str, Expression] = {}
        self._expressions = Expressions(checker, facts, faults)
        self.constants = self._expressions.constants
        self._faults = faults
        self._reserved = checker.reserved(facts) | KEYWORDS
        self._keys: dict[str, Scalar] = {}

    def declare_constants(self, node: Node | None) -> None:
        """Check every constant; none may read a fact or another constant."""
        fields = tuple(node) if isinstance(node, Fields) else ()
        known = self._reserved | {key.value for key, _ in fields}
        for key, value in fields:
            subject = f"constant {key.value}"
            written = constant(value, subject, self._faults)
            if self._declarable(key, subject):
                self._declare(key.value, self._constant(written, subject, known), self.constants)

    def declare_facts(self, node: Node | None, tables: Sequence["Giving"] = ()) -> None:
        """Check every named fact, each after those it mentions; `tables` tell further ones."""
        declared: dict[str, tuple[Scalar, Written | None]] = {}
        given = {
            key.value: table
            for table in tables
            if (key := table.name) is not None and self._declarable(key, f"fact {key.value}")
        }
        for named, value in node if isinstance(node, Fields) else ():
            subject = f"fact {named.value}"
            written = expression(value, subject, self._faults)
            if self._declarable(named, subject):
                declared[named.value] = (named, written)
        for name in self._ordered(declared, given):
            if name in given:
                self._declare(name, given[name].told(self), self.facts)
                continue
            typed = self._expressions.typed(declared[name][1], f"fact {name}", self._types)
            self._declare(name, typed, self.facts)
            if typed is not None and not self._expressions.mentions(declared[name][1]):
                self._expressions.written[name] = typed

    def declare_part(self, key: Scalar, name: str, written: Written) -> bool:
        """Declare a named fact that another one is put together from; tell whether it is sound."""
        if name in self._keys:
            message = f"fact {name}: the rows of a table further down are called so"
            self._faults.append(self._keys[name].fault(message, RENAME))
            return False
        self._keys[name] = key
        typed = self.typed(written, f"fact {name}")
        self._declare(name, typed, self.facts)
        return typed is not None

    def answer(self, name: str, type_: str, document: Node) -> None:
        """Take a named fact as mentioned: the outcome says it; add what is wrong with it."""
        self._expressions.mentioned.add(name)
        fact = self.facts.get(name)
        if fact is not None and fact.type != type_:
            short = type_.rpartition(".")[2]
            message = f"fact {name}: the outcome says it, and there it is a {short}"
            told = fact.type.rpartition(".")[2]
            self._faults.append(self._keys[name].fault(message, f"this is a {told}"))
        elif fact is None and name not in self._expressions.broken:
            message = f"fact {name}: the outcome needs it, but nothing here sets it"
            hint = "write it under `facts:`, or a table with `gives:`"
            self._faults.append(document.fault(message, hint))

    def check(
        self,
        node: Node,
        subject: str,
        expected: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Expression | None:
        """Return the expression in `node`, typed; None if it has faults, which are added."""
        written = expression(node, subject, self._faults)
        return self.typed(written, subject, expected, variables)

    def typed(
        self,
        written: Written | None,
        subject: str,
        expected: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Expression | None:
        """As `check`, for an expression that is put together from several nodes."""
        types = {**self._types, **(variables or {})}
        return self._expressions.typed(written, subject, types, expected)

    def is_constant(self, written: Written) -> bool:
        """Tell whether an expression mentions constants at most."""
        return self._expressions.mentions(written) <= self.constants.keys()

    def give_up(self, variable: str) -> None:
        """Do not judge what mentions `variable`: its own declaration has a fault."""
        self._expressions.broken.add(variable)

    def leave_unread(self) -> None:
        """Do not ask what nothing mentions: some expressions could not be read."""
        self._expressions.unread = True

    def check_list(self, node: Node, subject: str) -> Expression | None:
        """As `check`, for an expression that must be a list."""
        expression = self.check(node, subject)
        if expression is None or expression.type.startswith("list("):
            return expression
        message = f"{subject}: a list is expected here, not a {expression.type.rsplit('.', 1)[-1]}"
        self._faults.append(node.fault(message, "name a repeated fact, or filter one"))
        return None

    def check_variable(self, key: Scalar, subject: str) -> bool:
        """Tell whether a rule may name its element so; if not, add the fault."""
        if not NAME.fullmatch(key.value):
            self._faults.append(
                key.fault(f"{subject}: '{key.value}' is not a name", "write {a: …}")
            )
            return False
        if key.value not in self._keys:
            return self._free(key, subject)
        message = f"{subject}: '{key.value}' is already the name of a constant or fact"
        self._faults.append(key.fault(message, RENAME))
        return False

    def settle_clashes(self) -> None:
        """Add faults of uses of constants that do not fit; call it after all expressions."""
        self._faults += self._expressions.clashes.faults()

    def check_mentioned(self) -> None:
        """Add a fault for every name that nothing mentions; call it last."""
        if self._expressions.unread:
            return
        for name in sorted({*self.constants, *self.facts} - self._expressions.mentioned):
            word = "constant" if name in self.constants else "fact"
            message = f"{word} {name}: nothing mentions it"
            told = self._keys[name].fault(message, "use it, or delete it")
            self._faults.append(replace(told, code=Code.NAME_UNUSED))

    def _constant(
        self, written: Written | None, subject: str, known: frozenset[str]
    ) -> Expression | None:
        if written is not None and DAY.fullmatch(written.text):
            hint = f'write date("{written.text}")'
            message = f"{subject}: {written.text} would be a subtraction"
            self._faults.append(written.fault(0, message, hint))
            return None
        mentioned = sorted(self._expressions.mentions(written))
        if written is not None and not mentioned:
            self._expressions.clashes.written[subject.removeprefix("constant ")] = written
        if written is None or not mentioned:
            return self._expressions.typed(written, subject, {}, facts=False)
        name = mentioned[0]
        message = f"{subject}: '{name}' is not a constant"
        hint = f'if it is text, put it in quotes: "{name}"'
        if name.lower() in TRUTHS and len(mentioned) == 1:
            hint = f'write {TRUTHS[name.lower()]}, or, if it is text, put it in quotes: "{name}"'
        if len(mentioned) > 1 and not known & {*mentioned}:
            message = f"{subject}: {joined(mentioned, MARK)} are not constants"
            hint = f"if they are text, put each in quotes: {', '.join(map(json.dumps, mentioned))}"
        if name in known:
            message = f"{subject}: a constant may mention nothing, but this mentions '{name}'"
            hint = "declare it under `facts:`, where names may be mentioned"
        self._faults.append(written.fault(written.text.index(name), message, hint))
        return None

    @property
    def fact_names(self) -> frozenset[str]:
        """What the kind's facts are called."""
        return frozenset(self._expressions.descriptor.fields_by_name)

    @property
    def constant_types(self) -> Mapping[str, str]:
        """The constants with their types."""
        return {name: declared.type for name, declared in self.constants.items()}

    @property
    def _types(self) -> Mapping[str, str]:
        return {name: declared.type for name, declared in {**self.constants, **self.facts}.items()}

    def _declarable(self, key: Scalar, subject: str) -> bool:
        if key.value not in self._keys:
            self._keys[key.value] = key
            return self._free(key, subject)
        message = f"{subject}: '{key.value}' is already the name of a constant"
        self._faults.append(key.fault(message, RENAME))
        return False

    def _free(self, key: Scalar, subject: str) -> bool:
        if key.value not in self._reserved:
            return True
        word = "a word of CEL" if key.value in KEYWORDS else "a fact, an enum value or a function"
        message = f"{subject}: '{key.value}' is already the name of {word}"
        self._faults.append(key.fault(message, RENAME))
        self._expressions.broken.add(key.value)
        return False

    def _declare(self, name: str, typed: Expression | None, into: dict[str, Expression]) -> None:
        if typed is None:
            self._expressions.broken.add(name)
        else:
            into[name] = typed
            self._expressions.place(name, typed)

    def _ordered(self, declared: Declared, given: Mapping[str, "Giving"]) -> Iterable[str]:
        """Return the names in dependency order, without those in a cycle, which are reported."""
        mentions = {
            name: self._expressions.mentions(written) for name, (_, written) in declared.items()
        }
        keys = {name: key for name, (key, _) in declared.items()}
        for name, table in given.items():
            read = (self._expressions.mentions(written) for written in table.written)
            mentions[name] = frozenset[str]().union(*read)
            keys[name] = self._keys[name]
        order, cycles = in_order(mentions)
        for cycle in cycles:
            key = keys[cycle[0]]
            message = f"fact {key.value}: it needs itself: {' → '.join([*cycle, cycle[0]])}"
            self._faults.append(key.fault(message, "break the circle"))
            self._expressions.broken.update(cycle)
        return order
