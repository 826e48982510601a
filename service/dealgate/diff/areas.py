"""Where two versions of a rule part: areas of facts, with an example of each."""

from dataclasses import dataclass

from dealgate.proof.rows import Row
from dealgate.proof.witness import Witness

Area = tuple[list[Row], list[Row]]


@dataclass(frozen=True, slots=True)
class Region:
    """Facts on which a rule fires in one version and not in the other, or claims otherwise.

    `sense` says which: "fires now", "no longer fires", "claims otherwise". `where` describes the
    facts, as far as conditions that stayed do not: those hold too; `rows` are all of it.
    `witnesses` are facts in it, plain ones first, then the same in the company of examples'
    facts; none could be written if it is empty, and then `why` says why.
    """

    sense: str
    where: str
    rows: tuple[Row, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Parting:
    """Every region of one rule. `unknown` says why nothing is known; `more` regions are left out.

    Without regions, and not unknown, the two were proved to fire on the same facts.
    """

    regions: tuple[Region, ...] = ()
    more: int = 0
    unknown: str = ""
