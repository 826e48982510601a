"""How a condition changed, part by part, in words: limits, operators, lists, parts."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

from dealgate.explain.wording import spoken
from dealgate.language.text import text
from dealgate.model.rules import Each, Expression
from dealgate.proof.conditions import COMPARISONS, MIRRORED
from dealgate.proof.dimensions import DATE
from dealgate.proof.samples import NO_VALUE
from dealgate.proof.terms import Term, Terms

SIGNS = {name: name.strip("_") for name in COMPARISONS}
ORDERS = ("_<_", "_<=_", "_>_", "_>=_")


@dataclass(frozen=True, slots=True)
class Compared:
    """A part that compares `subject` with a constant `value`, or with each of a list of them."""

    subject: str
    shown: str
    sign: str
    value: Any
    type: str
    enum: EnumDescriptor | None

    def said(self, value: Any) -> str:
        """Return a value in words."""
        if self.type == DATE and isinstance(value, int):
            return dt.date.fromordinal(value).isoformat()
        return spoken(value, self.type, self.enum)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a condition. `key` is the same for parts that mean the same."""

    key: str
    text: str
    term: Term


class Wordings:
    """Compares conditions of two versions."""

    def __init__(self, old: Terms, new: Terms) -> None:
        """Each reads the conditions of its own version."""
        self._old = old
        self._new = new

    def same(
        self,
        old: tuple[Expression | None, Each | None],
        new: tuple[Expression | None, Each | None],
    ) -> bool:
        """Tell whether two conditions mean the same, written alike once all names are in place."""
        return self._whole(self._old, *old) == self._whole(self._new, *new)

    def same_expression(self, old: Expression, new: Expression) -> bool:
        """As `same`, for expressions."""
        return self._old.key(self._old.term(old)) == self._new.key(self._new.term(new))

    def changes(
        self,
        old: tuple[Expression | None, Each | None],
        new: tuple[Expression | None, Each | None],
    ) -> list[str]:
        """Return what changed from one condition to the other, a line each."""
        differences = list(_each_changes(old[1], new[1]))
        was = self._pieces(self._old, *old, "_&&_")
        is_ = self._pieces(self._new, *new, "_&&_")
        return [*differences, *self._compared(was, is_, "also needs", "no longer needs")]

    def expression(self, old: Expression, new: Expression) -> list[str]:
        """Return what changed from one named fact to the other."""
        if old.type == new.type == "bool":
            return self.changes((old, None), (new, None))
        return [f"`{old.source}` becomes `{new.source}`"]

    def _whole(self, terms: Terms, when: Expression | None, loop: Each | None) -> tuple[str, str]:
        element = terms.element(loop) if loop else ""
        return element, terms.key(terms.term(when, loop)) if when else "true"

    def _pieces(
        self, terms: Terms, when: Expression | None, loop: Each | None, function: str
    ) -> list[Piece]:
        if when is None:
            return []
        return [_piece(terms, part) for part in terms.flat(terms.term(when, loop), function)]

    def _compared(
        self, was: Sequence[Piece], is_: Sequence[Piece], more: str, less: str
    ) -> Iterator[str]:
        gone = _without(was, is_)
        came = _without(is_, was)
        for piece in list(gone):
            for other in came:
                words = self._pair(piece, other)
                if words:
                    yield from words
                    gone.remove(piece)
                    came.remove(other)
                    break
        yield from (f"{less} `{piece.text}`" for piece in gone)
        yield from (f"{more} `{piece.text}`" for piece in came)

    def _pair(self, old: Piece, new: Piece) -> list[str]:
        """Return how one part became the other; nothing if they have nothing in common."""
        a, b = _comparison(self._old, old.term), _comparison(self._new, new.term)
        if a is not None and b is not None and a.subject == b.subject:
            return _comparisons(a, b)
        if old.term.function == new.term.function == "!_":
            inner = (
                _piece(self._old, old.term.operands[0]),
                _piece(self._new, new.term.operands[0]),
            )
            return [f"in what must not hold: {words}" for words in self._pair(*inner)]
        if old.text == new.text:
            return [f"`{old.text}` is the same text, but names that it uses have changed"]
        if old.term.function == new.term.function == "_||_":
            return self._alternatives(old.term, new.term)
        if "_||_" in (old.term.function, new.term.function):
            return self._alternatives(old.term, new.term, only_if_shared=True)
        return []

    def _alternatives(self, old: Term, new: Term, *, only_if_shared: bool = False) -> list[str]:
        was = [_piece(self._old, part) for part in self._old.flat(old, "_||_")]
        is_ = [_piece(self._new, part) for part in self._new.flat(new, "_||_")]
        shared = {piece.key for piece in was} & {piece.key for piece in is_}
        if not shared and only_if_shared:
            return []
        return list(self._compared(was, is_, "is enough too:", "is no longer enough:"))


def _piece(terms: Terms, term: Term) -> Piece:
    return Piece(terms.key(term), text(term.node), term)


def _without(these: Sequence[Piece], those: Sequence[Piece]) -> list[Piece]:
    keys = [piece.key for piece in those]
    left = []
    for piece in these:
        if piece.key in keys:
            keys.remove(piece.key)
        else:
            left.append(piece)
    return left


def _each_changes(old: Each | None, new: Each | None) -> Iterator[str]:
    was = f"for each of {old.items.source}" if old else "once for all facts"
    is_ = f"for each of {new.items.source}" if new else "once for all facts"
    if was != is_:
        yield f"is judged {is_}, not {was}"


def _comparison(terms: Terms, term: Term) -> Compared | None:
    if term.function == "@in" or term.function in COMPARISONS:
        left, right = term.operands
        sign, value = term.function, terms.value(right)
        if value is NO_VALUE and term.function in COMPARISONS:
            sign, value, left = MIRRORED.get(sign, sign), terms.value(left), right
        if value is not NO_VALUE:
            enum = _enum(left)
            return Compared(terms.key(left), text(left.node), sign, value, left.type, enum)
    return None


def _enum(term: Term) -> EnumDescriptor | None:
    is_field = term.kind == "select_expr" and term.tree.constant(term.node) is None
    field = term.tree.field(term.node) if is_field else None
    return field.enum_type if field is not None else None


def _comparisons(a: Compared, b: Compared) -> list[str]:
    if a.sign == b.sign == "@in":
        return _lists(a, b)
    if a.sign == b.sign and a.sign in ORDERS:
        verb = "rises" if _is_more(b.value, a.value) else "falls"
        return [f"the limit of {a.shown} {verb} from {a.said(a.value)} to {b.said(b.value)}"]
    before = f"{SIGNS.get(a.sign, 'in')} {_said(a)}"
    after = f"{SIGNS.get(b.sign, 'in')} {_said(b)}"
    return [f"{a.shown}: `{before}` becomes `{after}`"]


def _said(compared: Compared) -> str:
    if isinstance(compared.value, list):
        return f"[{', '.join(compared.said(item) for item in compared.value)}]"
    return compared.said(compared.value)


def _lists(a: Compared, b: Compared) -> list[str]:
    came = [b.said(value) for value in b.value if value not in a.value]
    gone = [a.said(value) for value in a.value if value not in b.value]
    words = [f"{a.shown} may also be {', '.join(came)}"] if came else []
    words += [f"{a.shown} may no longer be {', '.join(gone)}"] if gone else []
    return words or [f"{a.shown}: the list is in another order"]


def _is_more(value: Any, other: Any) -> bool:
    return bool(
        (value[1] if isinstance(value, tuple) else value)
        > (other[1] if isinstance(other, tuple) else other)
    )
