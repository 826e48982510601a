"""The values of OpenTelemetry's declarative file, each with where it stands in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dealgate.telemetry.variable_values import Read, plain
from dealgate.telemetry.variables import meant

MOST_BYTES = 1 << 20
MOST_ENTRIES = 64  # of one list: aliases make long lists of short files
DEEPEST = 500  # characters of a path: an alias may name what it stands in
# As the specification has it: ${NAME}, ${env:NAME}, ${NAME:-otherwise}, and $$ for a dollar.
PUT_IN = re.compile(r"\$\$|\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}\n]*))?\}")
TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
NULL = "tag:yaml.org,2002:null"
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(eq=False)
class Source:
    """A file that is read, what is wrong with it, and which variables it puts in."""

    path: Path
    environ: Mapping[str, str]
    faults: list[str] = field(default_factory=list)
    put_in: set[str] = field(default_factory=set)

    def read(self) -> "Value":
        """Return the whole; what cannot be read is a fault, and counts as an empty file."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if len(data) <= MOST_BYTES:
                whole = Value(self, yaml.compose(data.decode(), yaml.SafeLoader), "")
                self._refuse_tags(whole)
                return whole
            self.faults.append(f"{self.path}: is larger than {MOST_BYTES} bytes")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            self.faults.append(f"{self.path}{where}: is not valid YAML: {error.problem}")
        except UnicodeDecodeError:
            self.faults.append(f"{self.path}: is not UTF-8")
        except RecursionError:
            self.faults.append(f"{self.path}: is nested too deeply")
        except (OSError, ValueError, yaml.YAMLError) as error:
            words = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
            self.faults.append(f"{self.path}: {words}")
        return Value(self, None, "")

    def _refuse_tags(self, whole: "Value") -> None:
        """Note the first value of a type that is not YAML's own: nobody would heed it."""
        left, known = [whole.node], set[int]()
        while left:
            node = left.pop()
            if node is None or id(node) in known:
                continue
            known.add(id(node))
            if node.tag not in TAGS:
                whole.wrong(f"{node.tag} is not a type that is known; delete it", node)
                return
            if isinstance(node, yaml.SequenceNode):
                left += node.value
            elif isinstance(node, yaml.MappingNode):
                left += [part for entry in node.value for part in entry]

    def filled(self, text: str) -> str:
        """Return a text with variables put in; one that is not set is empty.

        Raises ValueError if a reference is none.
        """
        if "${" in PUT_IN.sub(lambda match: match[2] or "", text):
            raise ValueError("has a ${ that names no variable; write $$ for a dollar sign")

        def value(match: re.Match[str]) -> str:
            if match[1] is None:
                return "$"
            self.put_in.add(match[1])
            return self.environ.get(match[1]) or match[2] or ""

        return PUT_IN.sub(value, text)


@dataclass(frozen=True, slots=True)
class Value:
    """A value, or its absence; null and absent are alike, as the specification has it."""

    source: Source
    node: Any  # a node of PyYAML, which has no types
    path: str

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing."""
        node = self.node
        if not isinstance(node, yaml.ScalarNode):
            return node is None
        return node.tag == NULL or (node.style is None and self._is_empty())

    @property
    def is_plain(self) -> bool:
        """Whether it is written without quotes: a number or a switch, if it looks like one."""
        return isinstance(self.node, yaml.ScalarNode) and self.node.style is None

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def wrong(self, words: str, node: Any = None) -> None:
        """Note what is wrong here."""
        at = node or self.node
        where = f":{at.start_mark.line + 1}:{at.start_mark.column + 1}" if at else ""
        path = f"{self.path}: " if self.path else ""
        self.source.faults.append(f"{self.source.path}{where}: {path}{words}")

    def read(self, reader: Read, default: Any = None) -> Any:
        """Return what `reader` makes of the text, or the default."""
        if self.is_absent:
            return default
        if not isinstance(self.node, yaml.ScalarNode):
            self.wrong("is not a single value")
            return default
        try:
            return reader(plain(self._text()))
        except ValueError as error:
            self.wrong(str(error))
            return default

    def fields(self, *known: str) -> Mapping[str, "Value"]:
        """Return the fields, those that are absent too; any other is a fault."""
        written: dict[str, Value] = {}
        for name, node, value in self._written():
            if name in written:
                self.wrong(f"{name} is there twice", node)
            elif name not in known:
                self.wrong(f"{name} is not known{meant(name, known)}; delete it", node)
            written[name] = Value(self.source, value, self._below(name))
        return {
            name: written.get(name) or Value(self.source, None, self._below(name)) for name in known
        }

    def choice(self, *known: str) -> tuple[str, "Value"] | None:
        """Return the one field there is, such as the kind of an exporter; else it is a fault."""
        written = self._written()
        if len(written) != 1:
            self.wrong(f"is not one of {', '.join(known)}, with its settings below it")
            return None
        name, node, value = written[0]
        if name not in known:
            self.wrong(f"is not built in: {name}; write {', '.join(known)}", node)
            return None
        return name, Value(self.source, value, self._below(name))

    def entries(self) -> Sequence["Value"]:
        """Return the entries of a list."""
        if self.is_absent:
            return ()
        if not self.is_list or len(self.node.value) > MOST_ENTRIES:
            self.wrong(f"is not a list of at most {MOST_ENTRIES} entries")
            return ()
        return [
            Value(self.source, node, f"{self.path}[{index}]")
            for index, node in enumerate(self.node.value)
        ]

    def refuse(self, words: str) -> None:
        """Note that this cannot be followed, if it is there."""
        if not self.is_absent and not (self.is_list and not self.node.value):
            self.wrong(words)

    def _written(self) -> Sequence[tuple[str, Any, Any]]:
        """Return names, their nodes, and the nodes of their values."""
        if self.is_absent:
            return ()
        if not isinstance(self.node, yaml.MappingNode) or len(self.path) > DEEPEST:
            self.wrong("is not a mapping")
            return ()
        for key, _ in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.wrong("has a key that is not a name", key)
                return ()
        return [(str(key.value), key, value) for key, value in self.node.value]

    def _is_empty(self) -> bool:
        try:
            return self._text() in NULLS
        except ValueError:  # reported when it is read
            return False

    def _text(self) -> str:
        return self.source.filled(self.node.value).strip()

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
