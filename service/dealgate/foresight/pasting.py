"""A flip as a case that can be pasted into the draft's vN.cases.yaml."""

from collections.abc import Iterator

from dealgate.cases.suggestion.writing import block, overlay, sentence, text
from dealgate.foresight.impact import CauseKey, Example
from dealgate.foresight.versions import REFUSED
from dealgate.model.kind import AnyKind
from dealgate.rulebook.instants import written


def case_of(kind: AnyKind, key: CauseKey, example: Example) -> str:
    """Return the case: recorded facts and instant, to be given the outcome its author wants."""
    facts = kind.read(example.facts)
    name = f"{example.entity}: {key.transition.old} becomes {key.transition.new}"
    lines = [
        f"  - case: {sentence(name)}",
        f"    as_of: {written(example.as_of)}",
        *block("facts", overlay(kind.facts(), facts), 4),
        *_expected(key, example),
    ]
    return "\n".join(lines)


def _expected(key: CauseKey, example: Example) -> Iterator[str]:
    """Yield what the draft makes of them, for its author to judge."""
    if key.transition.new == REFUSED:
        yield "    error: BadQuestion"
        return
    yield from block("fired", list(map(text, example.fired)), 4)
    if example.undecided:
        yield from block("undecided", list(map(text, example.undecided)), 4)
