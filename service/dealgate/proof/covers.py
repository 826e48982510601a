"""Which of several rules together cover a region: a smallest choice of them."""

from collections.abc import Sequence

from dealgate.model.rules import AnyRule
from dealgate.proof.boxes import TooHard, cover
from dealgate.proof.prover import Prover
from dealgate.proof.rows import Row, box_of


def covering(
    prover: Prover, mine: Sequence[Row], theirs: Sequence[tuple[AnyRule, Row]]
) -> list[AnyRule]:
    """Return a smallest choice of rules whose rows cover `mine`; all of them if that is hard."""
    links = prover.links([*mine, *(row for _, row in theirs)])
    kept: dict[str, AnyRule] = {}
    for row in mine:
        box = box_of(row, prover.space.full)
        try:
            rules = cover(box, links, [other for _, other in theirs])
        except TooHard:
            rules = list(range(len(theirs)))
        for position in rules:
            kept[theirs[position][0].id] = theirs[position][0]
    return list(kept.values())
