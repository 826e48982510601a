"""What one case asks and expects, checked against its kind and its rule set."""

from collections.abc import Mapping
from dataclasses import replace

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.model import errors
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Location
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.merging import merged
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.strangers import Strangers

ERRORS = {
    name
    for name, error in vars(errors).items()
    if isinstance(error, type) and issubclass(error, errors.DealgateError)
}


class CaseReader:
    """Reads the cases of one file, which share fixtures."""

    def __init__(
        self, document: Node, kind: AnyKind, ruleset: AnyRuleSet, faults: list[Fault]
    ) -> None:
        self._kind = kind
        self._rules = [rule.id for rule in ruleset.rules]
        self._faults = faults
        fields = document if isinstance(document, Fields) else Fields(document.source, 0, ())
        bases, cases = fields.get("base"), fields.get("cases")
        self._bases = {k.value: (k, v) for k, v in bases} if isinstance(bases, Fields) else {}
        items = cases.items if isinstance(cases, Items) else ()
        self.entries = [item for item in items if isinstance(item, Fields)]
        self._told = self._base_faults()
        self._used: set[str] = set()
        self._names: set[str] = set()
        self._strangers = Strangers(self._rules)

    @property
    def bases(self) -> Mapping[str, Node]:
        """The fixtures, by name."""
        return {name: node for name, (_, node) in self._bases.items()}

    def question(self, entry: Fields) -> tuple[int, Message]:
        """Return a case's instant and facts, after a look at what it expects; adds faults."""
        node = entry.get("case")
        name = node.value.strip() if isinstance(node, Scalar) else "without a name"
        subject = f"case {name}"
        if name in self._names:
            message = f"{subject}: there is another case of this name"
            self._faults.append(entry.fault(message, "say what differs"))
        self._names.add(name)
        self._check_expectation(entry, subject)
        for word in ("fired", "undecided", "failed"):
            self._check_rules(entry.get(word), word, subject)
        return self._as_of(entry, subject), self._facts(entry, subject)

    def check_rules(self) -> None:
        """Add a fault for every rule that cases name and that there is not; call it last."""
        self._faults += self._strangers.faults()

    def check_bases(self) -> None:
        """Add a fault for every fixture that no case starts from; call it last."""
        for name, (key, _) in self._bases.items():
            if name not in self._used:
                message = f"base {name}: no case starts from it"
                told = key.fault(message, "delete it, or use it")
                self._faults.append(replace(told, code=Code.BASE_UNUSED))

    def _base_faults(self) -> set[Location]:
        """Read every fixture alone, so that its faults are reported once and not for each case."""
        faults: list[Fault] = []
        for name, (_, node) in self._bases.items():
            read_message(node, self._kind.facts(), f"base {name}", faults)
        self._faults += faults
        return {fault.location for fault in faults}

    def _check_expectation(self, entry: Fields, subject: str) -> None:
        error, outcome = entry.get("error"), entry.get("outcome")
        if error is None and entry.get("fired") is None:
            hint = "list the rules that must fire; [] if none may"
            self._faults.append(entry.fault(f"{subject}: the key 'fired' is missing", hint))
        if error is None and entry.get("violations") is not None:
            hint = "say which: error: BadQuestion"
            self._faults.append(entry.fault(f"{subject}: violations need an error", hint))
        if error is not None and any(entry.get(w) for w in ("fired", "undecided", "outcome")):
            message = f"{subject}: a question that ends in an error has no outcome"
            self._faults.append(entry.fault(message, "expect either an error or an outcome"))
        if isinstance(error, Scalar) and error.value not in ERRORS:
            message = f"{subject}: unknown error '{error.value}'"
            self._faults.append(error.fault(message, did_you_mean(error.value, ERRORS)))
        if outcome is not None:
            message_class = GetMessageClass(self._kind.outcome_type)
            read_message(outcome, message_class(), subject, self._faults)

    def _check_rules(self, node: Node | None, word: str, subject: str) -> None:
        for item in node.items if isinstance(node, Items) else ():
            if isinstance(item, Scalar) and item.value not in self._rules:
                self._strangers.add(item, f"{subject}: {word}")

    def _as_of(self, entry: Fields, subject: str) -> int:
        node = entry.get("as_of")
        instant = nanoseconds(node.value) if isinstance(node, Scalar) else None
        if instant is None and node is not None:
            message = f"{subject}: as_of: this is not a UTC timestamp"
            self._faults.append(node.fault(message, "write 2026-01-31T12:00:00Z"))
        return instant or 0

    def _facts(self, entry: Fields, subject: str) -> Message:
        node, facts = entry.get("base"), entry.get("facts")
        names = node.items if isinstance(node, Items) else (node,)
        layers = [self._base(name, subject) for name in names if isinstance(name, Scalar)]
        empty = Fields(entry.source, entry.start, ())
        tree = merged([empty, *(layer or empty for layer in layers), facts or empty])
        faults: list[Fault] = []
        message: Message = read_message(tree, self._kind.facts(), subject, faults)
        self._faults += [fault for fault in faults if fault.location not in self._told]
        return message

    def _base(self, name: Scalar, subject: str) -> Node | None:
        self._used.add(name.value)
        if name.value in self._bases:
            return self._bases[name.value][1]
        message = f"{subject}: unknown base '{name.value}'"
        self._faults.append(name.fault(message, did_you_mean(name.value, self._bases)))
        return None
