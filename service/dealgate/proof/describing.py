"""Says which values of a dimension a region holds: `from 50 to less than 200`, `"DE" or "FR"`."""

from collections.abc import Sequence

from dealgate.language.text import text
from dealgate.proof.dimensions import MONEY, Class, Dimension
from dealgate.proof.samples import NO_VALUE, amount, whole

# How many values are named before the rest is counted, or "anything but" them said.
MANY, FEW = 6, 3
# The most that a field can hold is not a limit that anybody means.
ENDS = {-(2**31), 2**31 - 1, -(2**63), 2**63 - 1, 2**32 - 1, 2**64 - 1}


# What a difference that is only compared with 0 says of its sides.
SIGNS = {
    frozenset({-1}): "is less than",
    frozenset({0}): "is equal to",
    frozenset({1}): "is more than",
    frozenset({-1, 0}): "is at most",
    frozenset({0, 1}): "is at least",
    frozenset({-1, 1}): "differs from",
    frozenset({-1, 0, 1}): "can be compared with",
}


def described(dimension: Dimension, classes: Sequence[Class], mask: int) -> str:
    """Say what a mask leaves of a dimension: `lead.country: "DE"`; of two sides, which is more."""
    if dimension.type != "sign" or dimension.sides is None:
        return f"{dimension.key}: {Words(dimension, classes).described(mask)}"
    chosen = [class_.sample for i, class_ in enumerate(classes) if mask >> i & 1]
    left, right = (text(side.node) for side in dimension.sides)
    signs = frozenset(whole(sample) for sample in chosen if sample is not NO_VALUE)
    words = [f"{left} {SIGNS[signs]} {right}"] if signs else []
    unknown = [f"{left} cannot be compared with {right}"] if NO_VALUE in chosen else []
    return " or ".join([*unknown, *words])


class Words:
    """The words for one dimension, whose values are cut into `classes`."""

    def __init__(self, dimension: Dimension, classes: Sequence[Class]) -> None:
        self._of = dimension
        self._classes = classes

    def described(self, mask: int) -> str:
        """Write the values in `mask`: `200 to 999`, `"DE" or "FR"`, `less than 50`."""
        chosen = [(i, c) for i, c in enumerate(self._classes) if mask >> i & 1]
        if len(chosen) == len(self._classes):
            return "anything"
        words = self._nominal(chosen) if self._is_nominal else self._runs(chosen)
        return " or ".join(words)

    @property
    def _is_nominal(self) -> bool:
        return self._of.enum is not None or self._of.type in {
            "bool",
            "message",
            "string",
            "bytes",
            "words",
        }

    def _nominal(self, chosen: Sequence[tuple[int, Class]]) -> list[str]:
        unknown = ["not known"] if chosen and chosen[0][0] == 0 else []
        known = [class_ for number, class_ in chosen if number]
        left = [
            class_ for number, class_ in enumerate(self._classes) if number and class_ not in known
        ]
        if self._of.type == "message":
            return [*unknown, *["known"][: len(known)]]
        # All that no condition names has no name to be left out by.
        is_few = 0 < len(left) <= FEW < len(known) and not any(value.other for value in left)
        if not (is_few or any(value.other for value in known)):
            return [*unknown, *self._listed(known)]
        but = " or ".join(self._listed(left))
        return [*unknown, f"anything but {but}" if but else "anything that is known"]

    def _listed(self, classes: Sequence[Class]) -> list[str]:
        words = [self._of.shown(value.sample) for value in classes]
        many = len(words) > MANY
        return [*words[: MANY - 1], f"{len(words) - MANY + 1} others"] if many else words

    def _runs(self, chosen: Sequence[tuple[int, Class]]) -> list[str]:
        words: list[str] = []
        run: list[tuple[int, Class]] = []
        for index, class_ in chosen:
            if class_.sample is NO_VALUE:
                words.append("not known")
            elif class_.other:
                words.append("another currency")
            else:
                if run and (run[-1][0] + 1 != index or not self._adjoin(run[-1][1], class_)):
                    words.append(self._run(run))
                    run = []
                run.append((index, class_))
        return [*words, self._run(run)] if run else words

    def _adjoin(self, item: Class, other: Class) -> bool:
        return self._of.type != MONEY or amount(item.sample)[0] == amount(other.sample)[0]

    def _run(self, run: Sequence[tuple[int, Class]]) -> str:
        first, last = run[0][1], run[-1][1]
        low, high = (
            first.low if first.is_interval else first.sample,
            (last.high if last.is_interval else last.sample),
        )
        if len(run) == 1 and not first.is_interval:
            return self._of.shown(low)
        low = None if low in ENDS else low
        high = None if high in ENDS else high
        if low is None and high is None:
            return "any value"
        if low is None:
            return f"{'less than' if last.is_interval else 'at most'} {self._of.shown(high)}"
        if high is None:
            return f"{'more than' if first.is_interval else 'at least'} {self._of.shown(low)}"
        start = (
            f"more than {self._of.shown(low)}"
            if first.is_interval
            else f"from {self._of.shown(low)}"
        )
        return f"{start} to {'less than ' if last.is_interval else ''}{self._of.shown(high)}"
