"""How judged conditions look: each with its mark and values, and only those that settled it.

Of conditions that must all hold, those that do not settle it; of alternatives, those that do.
`everything` shows the others too. A named fact is opened where it is first mentioned.
"""

from typing import Any

from rich.text import Text
from rich.tree import Tree

from dealgate.explain.judged import ConditionPart
from dealgate.explain.wording import in_words
from dealgate.language.scope import enum_constants
from dealgate.model.decision import Truth

MARKS = {
    Truth.TRUE: ("yes", "green"),
    Truth.FALSE: ("no ", "red"),
    Truth.UNKNOWN: ("?  ", "yellow"),
    Truth.ERROR: ("err", "bold red"),
    Truth.NOT_EVALUATED: ("-  ", "dim"),
}
JOINED = {"all": "all of", "any": "one of", "if": "if the first, then the second, else the third"}


class Conditions:
    """Draws the conditions of one explanation."""

    def __init__(self, facts: Any, *, everything: bool) -> None:
        """`facts` describes the facts message, whose enums are shown as words."""
        self._enums = enum_constants(facts)
        self._everything = everything
        self._opened: set[str] = set()

    def add(self, tree: Tree, part: ConditionPart | None) -> None:
        """Draw a whole condition; what it joins at the top is all shown."""
        if part is None:
            tree.add(Text("always", "dim"))
        elif part.joins == "all":
            for inner in part.parts:
                self._add(tree, inner)
        else:
            self._add(tree, part)

    def _add(self, tree: Tree, part: ConditionPart) -> None:
        inner = part.parts[0] if part.joins == "not" and not part.parts[0].joins else part
        mark, style = MARKS[part.truth]
        text = JOINED.get(part.joins) or in_words(part.text, self._enums)
        line = Text.assemble((mark, style), "  ", text)
        if inner.readings and not _is_name(inner):
            line.append(f"   {_values(inner)}", "dim")
        if part.error:
            line.append(f"   {part.error}", "red")
        branch = tree.add(line)
        parts = part.parts if part.joins and part.joins != "not" else ()
        for settling in self._settling(part, parts):
            self._add(branch, settling)
        if part.joins == "not" and inner is part:
            self._add(branch, part.parts[0])
        for name, opened in inner.named:
            self._open(branch, name, opened, alone=_is_name(inner))

    def _settling(
        self, part: ConditionPart, parts: tuple[ConditionPart, ...]
    ) -> tuple[ConditionPart, ...]:
        """Return the parts that made it come out as it did."""
        needs_all = (part.joins, part.truth) in {("all", Truth.TRUE), ("any", Truth.FALSE)}
        if self._everything or needs_all:
            return parts
        if part.joins == "if":
            chosen = {Truth.TRUE: 1, Truth.FALSE: 2}.get(parts[0].truth)
            return (parts[0],) if chosen is None else (parts[0], parts[chosen])
        return tuple(below for below in parts if below.truth is part.truth)

    def _open(self, tree: Tree, name: str, opened: ConditionPart, *, alone: bool) -> None:
        if name in self._opened:
            return
        self._opened.add(name)
        branch = tree
        if not alone:
            values = "" if opened.joins or not opened.readings else f"   {_values(opened)}"
            said = in_words(opened.text, self._enums)
            branch = tree.add(Text.assemble(f"{name}: {said}", (values, "dim")))
        if opened.joins == "not" or (alone and not opened.joins and not opened.named):
            self._add(branch, opened)
        else:
            for part in self._settling(opened, opened.parts):
                self._add(branch, part)
            for inner_name, inner in opened.named:
                self._open(branch, inner_name, inner, alone=False)


def _values(part: ConditionPart) -> str:
    return "; ".join(f"{reading.text} = {reading.value}" for reading in part.readings)


def _is_name(part: ConditionPart) -> bool:
    """Tell whether the condition is a named fact alone, whose value its mark says already."""
    return part.text in {name for name, _ in part.named}
