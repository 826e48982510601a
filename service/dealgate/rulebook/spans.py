"""What cells name: single values and ranges of them, and those that a column allows.

DMN calls the latter inputValues and outputValues. They bind what is written in a table, and not
what arrives: a fact's own declaration does that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

from dealgate.rulebook.cell_values import CellFault

SHOWN = 12


class Span(NamedTuple):
    """A value, or a range from `low` to `high`; at an end without a key it is open for ever.

    `text` is what the cell says at `at`, and `cel` how CEL writes the value, empty for a range.
    """

    at: int
    text: str
    cel: str = ""
    low: Any = None
    high: Any = None
    above: bool = False  # without `low` itself
    below: bool = False  # without `high` itself

    def meets(self, other: "Span") -> bool:
        """Tell whether some value is in both, as far as that is known."""
        if self.cel and other.cel and self.cel == other.cel:
            return True
        if self.cel and other.cel and (self.low is None or other.low is None):
            return False
        ends = [end for end in (self.low, self.high, other.low, other.high) if end is not None]
        if len({end[0] for end in ends if isinstance(end, tuple)}) > 1:
            return False  # amounts of two currencies
        return _reaches(self, other) and _reaches(other, self)


def _reaches(span: Span, other: Span) -> bool:
    """Tell whether `span` begins before `other` ends."""
    if span.low is None or other.high is None:
        return True
    return bool(span.low < other.high) or (
        span.low == other.high and not span.above and not other.below
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that cells of a column may name, in the order in which they are listed.

    `constants` has what constants stand for, of those that say it.
    """

    spans: Sequence[Span]
    constants: Mapping[str, Sequence[Span]] = field(default_factory=dict)

    @property
    def order(self) -> Sequence[str] | None:
        """The values, if single ones are listed; they rank by this order."""
        return [span.text for span in self.spans] if all(s.cel for s in self.spans) else None

    @property
    def told(self) -> str:
        """The list as an author reads it."""
        listed = [span.text for span in self.spans[:SHOWN]]
        return ", ".join([*listed, *(["…"] if len(self.spans) > SHOWN else [])])

    def check(self, spans: Sequence[Span]) -> None:
        """Raise CellFault for the first of what a cell names that is not allowed."""
        for span in spans:
            is_name = not span.cel and span.low is None and span.high is None
            for meant in self.constants.get(span.text, ()) if is_name else (span,):
                if not any(meant.meets(allowed) for allowed in self.spans):
                    raise self.refusal(span, meant.text)

    def refusal(self, span: Span, text: str) -> CellFault:
        """Return the fault of a cell that names `text`, which is not allowed."""
        is_range = not span.cel and span.text == text
        what = "holds for none of" if is_range else "is not among"
        hint = "write one of them, or list it under `allowed:`"
        words = [s.text.lower() for s in self.spans if s.text[:1].isalpha()]
        near = get_close_matches(text.lower(), words, n=1)
        if near:
            meant = next(s.text for s in self.spans if s.text.lower() == near[0])
            hint = f"did you mean '{meant}'?"
        by = "" if text == span.text else f" of {span.text}"
        message = f"'{text}'{by} {what} the allowed values of this column: {self.told}"
        return CellFault(span.at, message, hint)
