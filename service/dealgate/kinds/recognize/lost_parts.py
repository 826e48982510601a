"""Lost parts: information about a combined line that its obligation cannot show.

What is used of such a line is charged on the whole, and its returns lessen it; but it cannot end
alone, and it is earned with the whole or not at all.
"""

from collections.abc import Iterator

from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import is_metered


def lost_parts(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the path of each fact that would be lost, and the code for it."""
    yield from _parts(contract)
    yield from _parts_of_all(contract)
    yield from _changed_parts(contract)


def _parts(contract: Contract) -> Iterator[tuple[str, str]]:
    lines = contract.facts.lines
    for whole, parts in contract.obligations.parts.items():
        for part in parts:
            alone = lines[part].HasField("cancelled_on")
            if alone and lines[part].cancelled_on != lines[whole].cancelled_on:
                yield f"lines[{part}].cancelled_on", "PART_CANCELLED_ALONE"
            if is_metered(lines[whole]) and (lines[part].price.units or lines[part].price.nanos):
                yield f"lines[{part}].part_of", "PART_OF_METERED"


def _parts_of_all(contract: Contract) -> Iterator[tuple[str, str]]:
    for part in contract.obligations.shared:
        line = contract.facts.lines[part]
        if line.HasField("cancelled_on") or line.HasField("returns"):
            yield f"lines[{part}].part_of", "PART_OF_UNKNOWN"


def _changed_parts(contract: Contract) -> Iterator[tuple[str, str]]:
    if not contract.facts.modifications:
        return
    kept = {contract.facts.lines[index].id for index in contract.obligations.indices}
    for number, change in enumerate(contract.facts.modifications):
        for index, changed in enumerate(change.changes):
            if changed.HasField("end") and changed.line_id not in kept:
                yield f"modifications[{number}].changes[{index}].end", "PART_CHANGED_ALONE"
