"""Facts that callers may send and nothing reads: no rule of a version, nor the code of its kind.

What rules read is seen in their expressions. What a kind's own code reads is seen by its names, and
by its cases: a fact is taken away, or changed, and the answer is another one.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from dealgate.engine.native import Program, compile_ruleset
from dealgate.explain.reads import Reader
from dealgate.judge import judged
from dealgate.language.syntax import Tree
from dealgate.language.values import CONVERSIONS
from dealgate.model.bound_table import COMPUTED
from dealgate.model.checks import computed
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case

# Cases that hold a fact are alike; a few of them show what it does.
SHOWN = 6
AS_OF = 10**18


def unread(ruleset: AnyRuleSet, kind: AnyKind, cases: Iterable[Case]) -> Sequence[str]:
    """Return the paths of facts that neither a rule nor, as cases show, the kind reads."""
    by_rules, by_name = _read_by_rules(ruleset), _named_by(kind)
    program = compile_ruleset(ruleset)
    asked = [case for case in cases if case.error is None]
    return [
        path
        for path in _paths(ruleset.message, _computed(kind, ruleset))
        if path not in by_rules
        and path.rpartition(".")[2].removesuffix("[]") not in by_name
        and not _Probe(kind, program, path.split(".")).is_read(asked)
    ]


def _named_by(kind: AnyKind) -> set[str]:
    """Return the names that the code of a kind mentions, but to say what is wrong with facts."""
    package = kind.conclude.__module__
    modules = [
        module
        for name, module in sys.modules.items()
        if name == package or name.startswith(f"{package}.")
    ]
    codes = [
        member.__code__
        for module in modules
        if not module.__name__.endswith("violations")
        for member in _functions(module)
    ]
    return {name for code in codes for name in _mentioned(code)}


def _functions(holder: Any) -> Iterator[FunctionType]:
    for member in vars(holder).values():
        if isinstance(member, FunctionType):
            yield member
        elif isinstance(member, type) and member.__module__.startswith("dealgate.kinds."):
            yield from _functions(member)
        elif isinstance(member, property) and isinstance(member.fget, FunctionType):
            yield member.fget


def _mentioned(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _mentioned(constant)
        for text in constant if isinstance(constant, tuple) else (constant,):
            if isinstance(text, str):
                yield from text.split(".")


def _computed(kind: AnyKind, ruleset: AnyRuleSet) -> set[str]:
    """Return the facts that the kind computes; callers must not send them."""
    facts = ruleset.message
    sent = [field for field in facts.fields if field.message_type is not None]
    paths = set()
    for field in sent:
        question = kind.facts()
        holder = getattr(question, field.name)
        holder.add() if field.is_repeated else holder.SetInParent()
        told = computed(field.name, given=True)[0].description
        wrong = kind.check(question, ruleset.parameters, AS_OF)
        paths |= {fault.field.split("[")[0] for fault in wrong if fault.description == told}
    return paths


def _read_by_rules(ruleset: AnyRuleSet) -> set[str]:
    named = {name: Tree(fact.ast) for name, fact in ruleset.facts.items()}
    reader = Reader(ruleset.message, named)
    paths: set[str] = set()
    for tree in named.values():
        paths |= reader.facts(tree, tree.root, {}).keys()
    rows = [row for table in ruleset.tables for row in table.rows]
    for rule in [*ruleset.rules, *rows]:
        variables: dict[str, str | None] = {}
        if rule.each is not None:
            items = Tree(rule.each.items.ast)
            variables[rule.each.variable] = reader.elements(items, items.root, {})
            paths |= reader.facts(items, items.root, {}).keys()
        if rule.when is not None:
            tree = Tree(rule.when.ast)
            paths |= reader.facts(tree, tree.root, variables).keys()
    return paths


def _paths(message: Descriptor, computed_: set[str], before: str = "") -> Iterator[str]:
    """Yield every fact, lists as "deals[]", but what a kind computes itself."""
    for field in message.fields:
        if field.name in computed_ and not before:
            continue
        path = f"{before}{field.name}{'[]' if field.is_repeated else ''}"
        inner = field.message_type
        if inner is None or inner.full_name in CONVERSIONS or inner.GetOptions().map_entry:
            yield path
        elif inner.name not in COMPUTED:
            yield from _paths(inner, computed_, f"{path}.")


@dataclass(frozen=True, slots=True)
class _Probe:
    """Asks whether an answer depends on a fact, by the steps that lead to it."""

    kind: AnyKind
    program: Program
    steps: Sequence[str]

    def is_read(self, cases: Iterable[Case]) -> bool:
        """Tell whether any of the cases that hold the fact has another answer with another one."""
        holding = [case for case in cases if self._holders(case.facts)]
        return any(self._matters(case) for case in holding[:: max(1, len(holding) // SHOWN)])

    def _matters(self, case: Case) -> bool:
        usual = self._answer(case.facts, case.as_of)
        gone = self._with(case.facts, _clear)
        if self._answer(gone, case.as_of) != usual:
            return True
        changed = self._answer(self._with(case.facts, _change), case.as_of)
        return changed not in {usual, None}

    def _answer(self, facts: Message, as_of: int) -> bytes | None:
        """Return the outcome, None if the facts are refused."""
        try:
            answer = judged(self.kind, self.program, facts, as_of).answer
        except DealgateError:
            return None
        outcome = answer.outcome.SerializeToString(deterministic=True)
        return bytes(outcome) + answer.word.encode()

    def _with(self, facts: Message, change: Any) -> Message:
        copy = type(facts)()
        copy.CopyFrom(facts)
        for holder, field in self._holders(copy):
            change(holder, field)
        return copy

    def _holders(self, facts: Message) -> list[tuple[Any, FieldDescriptor]]:
        """Return the messages that contain the fact, with its field."""
        parts: list[Any] = [facts]
        for step in self.steps[:-1]:
            name = step.removesuffix("[]")
            inner = [getattr(part, name) for part in parts if _is_told(part, name)]
            parts = [part for name in inner for part in name] if step.endswith("[]") else inner
        last = self.steps[-1].removesuffix("[]")
        return [
            (name, name.DESCRIPTOR.fields_by_name[last]) for name in parts if _is_told(name, last)
        ]


def _is_told(message: Message, name: str) -> bool:
    field = message.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        return len(getattr(message, name)) > 0
    return bool(message.HasField(name) if field.has_presence else getattr(message, name))


def _clear(message: Message, field: FieldDescriptor) -> None:
    message.ClearField(field.name)


def _change(message: Message, field: FieldDescriptor) -> None:
    """Set another value; lists and texts are only ever taken away."""
    value = getattr(message, field.name)
    if field.is_repeated or isinstance(value, str | bytes):
        return
    # By name: facts with declared properties are of another descriptor pool.
    match value.DESCRIPTOR.name if isinstance(value, Message) else "":
        case "Money":
            value.units += 1
        case "Date":
            value.day = value.day % 28 + 1
        case "Decimal":
            value.value = "0.5" if value.value != "0.5" else "0.25"
        case "Timestamp" | "Duration":
            value.seconds -= 1
        case _ if isinstance(value, bool):
            setattr(message, field.name, not value)
        case _ if field.enum_type is None:
            setattr(message, field.name, value + 1)
