"""Checked expressions, remembered from one process to the next: checking them is most of a start.

What an expression was found to be is kept in one file (`store.py`) under a digest of everything it
depends on: its source, what it may read, and the versions of whoever checked it. Only sound
expressions are kept. Without the file, or if it is not believed, everything is checked again.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import cast

from google.protobuf.descriptor import Descriptor, FileDescriptor

from dealgate.model.rules import Checked
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.store import Store


class RememberingChecker:
    """Asks a checker what no process has asked it before."""

    def __init__(self, make: Callable[[], ExpressionChecker], store: Store, version: str) -> None:
        """`make` makes the checker when it is first needed; `version` is that of its findings."""
        self._make = make
        self._store = store
        self._version = version
        self._made: ExpressionChecker | None = None

    @property
    def _checker(self) -> ExpressionChecker:
        if self._made is None:
            self._made = self._make()
        return self._made

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """As the checker does."""
        return self._checker.reserved(facts)

    def names(self, source: str) -> frozenset[str]:
        """As the checker does."""
        key = self._key("names", source)
        known = self._store.get(key)
        if known is not None:
            return frozenset(cast("tuple[str, ...]", known))
        names = self._checker.names(source)
        self._store.put(key, tuple(sorted(names)))
        return names

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """As the checker does; faults are found anew each time."""
        of = "" if facts is None else facts.full_name + _digest(facts.file)
        key = self._key("check", source, of, repr(sorted(variables.items())), repr(expected))
        known = self._store.get(key)
        if known is not None:
            return Checked(*cast("tuple[str, bytes, tuple[str, ...]]", known))
        checked = self._checker.check(source, facts=facts, variables=variables, expected=expected)
        self._store.put(key, (checked.type, checked.ast, checked.enum))
        return checked

    def check_constants(self, ast: bytes, constants: Mapping[str, bytes]) -> None:
        """As the checker does; faults are found anew each time."""
        parts = (name.encode() + b"=" + constants[name] for name in sorted(constants))
        of = hashlib.sha256(b"\0".join((ast, *parts))).hexdigest()
        key = self._key("constants", of)
        if self._store.get(key) is None:
            self._checker.check_constants(ast, constants)
            self._store.put(key, ())

    def _key(self, *parts: str) -> bytes:
        text = "\0".join((self._version, *parts))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=64)
def _digest(file: FileDescriptor) -> str:
    """Return a digest of everything that messages in a file are made of."""
    seen: dict[str, bytes] = {}
    waiting = [file]
    while waiting:
        item = waiting.pop()
        if item.name not in seen:
            seen[item.name] = item.serialized_pb
            waiting += item.dependencies
    return hashlib.sha256(b"".join(seen[name] for name in sorted(seen))).hexdigest()
