"""The facts of a mapping: an expression for each field, typed against the contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from dealgate.inbox.filling import WRITABLE, Branch, Leaf, Parts, Read, evaluator, translated
from dealgate.language.scope import AS_OF, field_type
from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Items, Node, Scalar, described
from dealgate.rulebook.expressions import Expressions
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.written import Written, expression

EACH, OF, WORDS, OTHERWISE = "each", "of", "words", "otherwise"
STRUCT = "google.protobuf.Struct"
JSON = frozenset({"string", "bool", "int", "uint", "double"})
NUMBERS = {"uint": ("int", "uint"), "double": ("double", "int")}
CURES: Mapping[str, str] = {
    "google.type.Money": 'money("EUR", "1200.50") makes one',
    "timestamp": "timestamp(…) makes one of a text, or of seconds: timestamp(ms / 1000)",
    "int": "int(…) makes one of a text",
    "string": "string(…) makes one of a number",
    "bool": 'compare: payload.opt_out == "true"',
}

Variables = Mapping[str, str]


class FactsReader:
    """Reads facts, however deep; faults are added."""

    def __init__(self, expressions: Expressions, faults: list[Fault]) -> None:
        self._expressions = expressions
        self._faults = faults

    def parts(
        self, node: Node | None, message: Descriptor, path: str, variables: Variables | None = None
    ) -> Parts:
        """Return what fills a message of this type."""
        if not isinstance(node, Fields):
            if node is not None:
                text = f"{path}: {message.name} takes keys and expressions, not {described(node)}"
                self._faults.append(node.fault(text, "write key: expression, a line for each"))
            return ()
        parts: list[Leaf | Branch] = []
        for key, value in node:
            if key.value == EACH:
                continue
            field = message.fields_by_name.get(key.value)
            if field is None:
                hint = did_you_mean(key.value, message.fields_by_name)
                text = f"{path}: {message.name} has no field '{key.value}'"
                self._faults.append(key.fault(text, hint))
                continue
            parts += self._part(field, value, f"{path}.{key.value}", variables or {})
        return parts

    def _part(
        self, field: FieldDescriptor, node: Node, path: str, variables: Variables
    ) -> Sequence[Leaf | Branch]:
        held = field.message_type
        if held is not None and held.full_name == STRUCT:
            return self._properties(field, node, path, variables)
        if held is None or held.full_name in WRITABLE:
            read = self._leaf(field, node, path, variables)
            is_constant = field.enum_type is not None and isinstance(node, Scalar)
            return () if read is None else (Leaf(field, path, read, is_constant),)
        if not held.full_name.startswith("dealgate.v1."):
            text = f"{path}: this cannot be mapped"
            self._faults.append(node.fault(text, "leave it out, or write it under given:"))
            return ()
        if not field.is_repeated:
            return (Branch(field, path, self.parts(node, held, path, variables)),)
        if not isinstance(node, Items):
            text = f"{path}: a list is expected here, not {described(node)}"
            self._faults.append(node.fault(text, "write - each: {item: payload.items}, and facts"))
            return ()
        return [
            self._element(field, item, f"{path}[{index}]", variables)
            for index, item in enumerate(node.items)
        ]

    def _properties(
        self, field: FieldDescriptor, node: Node, path: str, variables: Variables
    ) -> Sequence[Leaf]:
        """Return what fills declared properties: the server knows their types, and checks them."""
        if not isinstance(node, Fields):
            text = f"{path}: keys and expressions are expected here, not {described(node)}"
            self._faults.append(node.fault(text, "write tier: payload.tier, a line for each"))
            return ()
        leaves: list[Leaf] = []
        for key, value in node:
            at = f"{path}.{key.value}"
            written = expression(value, at, self._faults)
            typed = self._typed(written, at, variables, None)
            if typed is None or written is None:
                continue
            if typed.type not in JSON:
                text = f"{at}: this is {typed.type}, which JSON does not have"
                self._faults.append(written.fault(0, text, "string(…) makes a text of most"))
            leaves.append(Leaf(field, at, evaluator(typed), key=key.value))
        return leaves

    def _element(
        self, field: FieldDescriptor, node: Node, path: str, variables: Variables
    ) -> Branch:
        held: Any = field.message_type
        loop = node.get(EACH) if isinstance(node, Fields) else None
        if not isinstance(loop, Fields) or not loop.fields:
            return Branch(field, path, self.parts(node, held, path, variables))
        key, value = loop.fields[0]
        written = expression(value, f"{path}.each", self._faults)
        typed = self._typed(written, f"{path}.each", variables, None)
        if typed is None or not typed.type.startswith("list("):
            if typed is not None and written is not None:
                text = f"{path}.each: this is {typed.type}, not a list"
                self._faults.append(written.fault(0, text, "name a list of the payload"))
            return Branch(field, path, ())
        inner = {**variables, key.value: typed.type[5:-1]}
        return Branch(
            field, path, self.parts(node, held, path, inner), (key.value, evaluator(typed))
        )

    def _leaf(
        self, field: FieldDescriptor, node: Node, path: str, variables: Variables
    ) -> Read | None:
        if isinstance(node, Fields):
            return self._words(field, node, path, variables)
        if field.enum_type is not None:
            return self._constant(field, node, path)
        written = expression(node, path, self._faults)
        wanted = field_type(field)
        fitting = NUMBERS.get(wanted, (wanted,))
        typed = self._typed(written, path, variables, None)
        if typed is None or written is None:
            return None
        if typed.type not in fitting:
            text = f"{path}: this is {typed.type}, and {field.name} is {wanted}"
            self._faults.append(written.fault(0, text, CURES.get(wanted, "")))
        return evaluator(typed)

    def _words(
        self, field: FieldDescriptor, node: Fields, path: str, variables: Variables
    ) -> Read | None:
        """Read what texts mean: {of: payload.role, words: {boss: SENIORITY_C_LEVEL}}."""
        of, words, otherwise = (node.get(name) for name in (OF, WORDS, OTHERWISE))
        strange = [key for key, _ in node if key.value not in {OF, WORDS, OTHERWISE}]
        if of is None or not isinstance(words, Fields) or strange:
            text = f"{path}: an expression, or of: and words:, is expected here"
            self._faults.append(node.fault(text, "{of: payload.role, words: {theirs: OURS}}"))
            return None
        written = expression(of, f"{path}.of", self._faults)
        typed = self._typed(written, f"{path}.of", variables, "string")
        meant = {key.value: self._word(field, value, path) for key, value in words}
        other = None if otherwise is None else self._word(field, otherwise, path)
        return None if typed is None else translated(evaluator(typed), meant, other)

    def _constant(self, field: FieldDescriptor, node: Node, path: str) -> Read | None:
        value = self._word(field, node, path)
        return lambda _: value

    def _word(self, field: FieldDescriptor, node: Node, path: str) -> Any:
        if not isinstance(node, Scalar):
            self._faults.append(node.fault(f"{path}: one word is expected here"))
            return None
        if field.enum_type is not None:
            value = field.enum_type.values_by_name.get(node.value)
            if value is None:
                text = f"{path}: '{node.value}' is not a value of {field.enum_type.name}"
                names = [name for name in field.enum_type.values_by_name if "UNSPEC" not in name]
                self._faults.append(node.fault(text, did_you_mean(node.value, names)))
            return None if value is None else value.number
        if field_type(field) == "bool" and node.value in {"true", "false"}:
            return node.value == "true"
        if field_type(field) == "string":
            return node.value
        text = f"{path}: words stand for constants, texts or booleans, and {field.name} is none"
        self._faults.append(node.fault(text, "write an expression"))
        return None

    def _typed(
        self, written: Written | None, path: str, variables: Variables, expected: str | None
    ) -> Any:
        if written is None:
            return None
        if AS_OF in self._expressions.mentions(written):
            text = f"{path}: as_of is the time of receipt, which differs when an event is repeated"
            cure = "read an instant of the payload, or timestamp(event.time)"
            self._faults.append(written.fault(0, text, cure))
        return self._expressions.typed(written, path, variables, expected)
