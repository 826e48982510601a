"""Random facts for a graph of GoRules: near what its tests and its conditions name."""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dealgate.desk.gorules.shapes import renamed
from dealgate.desk.gorules.terms import Group, ListOf, Shape

MOST_ELEMENTS = 4
Each = TypeVar("Each")
TEXT = re.compile(r"'([^'\\]*)'|\\?\"([^\"\\]*)\\?\"")
NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of one question: as GoRules has them, and as they are called here."""

    theirs: Mapping[str, object]
    ours: Mapping[str, object]


class Facts:
    """Makes facts of the shape that a graph reads."""

    def __init__(self, given: Group, graph: str) -> None:
        """`graph` is the text of the file, whose constants are tried."""
        self._given = given
        self._random = random.Random(13)  # noqa: S311  # the same questions in each run
        read = json.loads(graph)
        self._texts = dict[str, list[str]]()
        self._numbers = dict[str, list[float]]()
        self._asked = set[str]()
        self._all_numbers = list[float]()
        self._all_texts = list[str]()
        for test in read.get("tests", []):
            self._seen("", test.get("input"))
        for node in read.get("nodes", []):
            content = node.get("content")
            if isinstance(content, Mapping):
                self._conditions(content)

    def some(self, count: int) -> Iterator[Asked]:
        """Yield facts for so many questions."""
        for _ in range(count):
            theirs = self._group(self._given)
            ours = renamed(theirs)
            yield Asked(theirs, ours if isinstance(ours, Mapping) else {})

    def _seen(self, path: str, value: object) -> None:
        match value:
            case Mapping():
                for name, each in value.items():
                    self._seen(str(name), each)
            case list():
                for each in value:
                    self._seen(path, each)
            case bool():
                return
            case int() | float():
                self._numbers.setdefault(path, []).append(value)
            case str():
                self._texts.setdefault(path, []).append(value)

    def _conditions(self, content: Mapping[str, object]) -> None:
        """Note what columns and expressions compare facts with, by the fact's last name."""
        columns = content.get("inputs")
        rules = content.get("rules")
        for column in columns if isinstance(columns, list) else ():
            name = re.sub(r".*\W", "", str(column.get("field") or ""))
            for rule in rules if isinstance(rules, list) else ():
                self._constants(name, str(rule.get(column["id"]) or ""))
        for key in ("expressions", "statements"):
            for each in content.get(key) or ():  # type: ignore[attr-defined]
                self._constants("", str(each.get("value") or each.get("condition") or ""))

    def _constants(self, name: str, text: str) -> None:
        texts = [one or other for one, other in TEXT.findall(text)]
        numbers = [float(each.replace("_", "")) for each in NUMBER.findall(TEXT.sub("", text))]
        around = [n for each in numbers for n in (each, each + _step(each), each - _step(each))]
        self._all_texts += texts
        self._all_numbers += around
        if name:
            self._asked.add(name)
            self._texts.setdefault(name, []).extend(texts)
            self._numbers.setdefault(name, []).extend(n for n in around if n >= 0)

    def _group(self, group: Group) -> dict[str, object]:
        found = {name: self._value(name, shape) for name, shape in group.parts.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, name: str, shape: Shape) -> object:
        match shape:
            case Group():
                return self._group(shape)
            case ListOf(of):
                count = self._random.randint(1, MOST_ELEMENTS)  # of nothing is as good as none
                return [self._value(name, of) for _ in range(count)]
            case "bool":
                return self._random.random() < 0.5  # a coin
            case "number":
                return self._number(name)
            case "text":
                return self._text(name)
        return None

    def _text(self, name: str) -> str:
        """Return a text; an empty one is not known here, and `now` is a word of GoRules."""
        pool = [
            each for each in (*self._texts.get(name, []), *self._loose()) if each not in {"", "now"}
        ]
        return self._chosen([*pool, "none of them"] if name in self._asked or not pool else pool)

    def _number(self, name: str) -> float:
        pool = self._numbers.get(name, [])
        if self._random.random() < 0.2 or not pool:  # one in five
            pool = [*pool, *(n for n in self._all_numbers if n >= 0)] or [1.0]
        found = self._chosen(pool)
        return int(found) if found == int(found) else round(found, 6)

    def _loose(self) -> Sequence[str]:
        """Return one of all texts, now and then."""
        few = self._random.random() < 0.2 and self._all_texts  # one in five
        return [self._chosen(self._all_texts)] if few else []

    def _chosen(self, pool: Sequence[Each]) -> Each:
        return self._random.choice(pool)


def _step(number: float) -> float:
    """Return how far a number's neighbours are."""
    return 1 if number == int(number) else 0.01
