"""Facts of a declared kind: a JSON object as it is sent, a message as rules read it."""

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from dealgate.model.checks import required_id
from dealgate.model.declaration import Declaration
from dealgate.model.declared_messages import read_into, sent_of
from dealgate.model.errors import Violation
from dealgate.model.kind import AnyKind
from dealgate.model.properties import Arrival
from dealgate.model.soundness import Hold
from dealgate.model.texts import told
from dealgate.model.vocabulary import Vocabulary

KEPT = 4


class DeclaredFacts:
    """Turns the JSON object that is sent into the message that rules read, and back."""

    base: AnyKind

    def __init__(
        self, declaration: Declaration, vocabulary: Vocabulary, facts: type[Message]
    ) -> None:
        self.vocabulary = vocabulary
        self.arrival = Arrival.REFUSE
        self._declaration = declaration
        self.meaning = declaration.meaning
        self._facts = facts
        self._kept: dict[int, tuple[Message, Message]] = {}

    def sent(self, facts: Any) -> Any:
        """Return facts as callers send them."""
        if isinstance(facts, Struct):
            return facts
        kept = self._kept.get(id(facts))
        if kept is not None and kept[0] is facts:
            return kept[1]
        struct = Struct()
        struct.update(sent_of(facts, self._declaration.facts))
        return struct

    def seen(self, facts: Any) -> Any:
        """Return facts as rules read them."""
        if not isinstance(facts, Struct):
            return facts
        typed, _ = self._read(facts)
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[id(typed)] = (typed, facts)
        return typed

    def plain(self, facts: Any) -> Any:
        """Return facts as they are folded: no code reads them."""
        return self.seen(facts)

    def read(self, data: bytes) -> Any:
        """Return recorded facts as rules read them."""
        return self.seen(Struct.FromString(data))

    def admitted(
        self, facts: Any, parameters: Any, as_of: int, hold: Hold
    ) -> tuple[Any, Sequence[Violation]]:
        """Return the facts as they are sent, and what is wrong with them."""
        del parameters, as_of, hold
        sent = told(self.sent(facts))
        typed, wrong = self._read(sent)
        for path in self._declaration.required:
            value: Any = typed
            for step in path.split("."):
                value = getattr(value, step)
            if isinstance(value, str):
                wrong += required_id(path, value)
        for path, most in self._declaration.limits.items():
            listed: Any = typed
            for step in path.split("."):
                listed = getattr(listed, step)
            if len(listed) > most:
                wrong.append(Violation(path, f"has more than {most} entries"))
        return sent, wrong

    def _read(self, sent: Struct) -> tuple[Message, list[Violation]]:
        typed, wrong = self._facts(), list[Violation]()
        read_into(typed, sent, self._declaration.facts, wrong, "")
        return typed, wrong
