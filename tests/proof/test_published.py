"""Tables whose mistakes others have published are judged as they say."""

from dealgate.model.rules import HitPolicy
from dealgate.proof.prover import Prover
from dealgate.proof.tables import TableAnalysis
from tests.proof.proving import SPECIMEN, claiming, tabled

# D. Calvanese, M. Dumas, Ü. Laurson, F. M. Maggi, M. Montali, I. Teinemaa: "Semantics and
# analysis of DMN decision tables", BPM 2016, and Information Systems 78 (2018). The running
# example grades loans by annual income (here count) and loan size (here total).
LOAN_GRADE = (
    "thing.count >= 0 && thing.count <= 1000 && thing.total >= 0 && thing.total <= 1000",
    "thing.count >= 250 && thing.count <= 750 && thing.total >= 4000 && thing.total <= 5000",
    "thing.count >= 500 && thing.count <= 1500 && thing.total >= 500 && thing.total <= 3000",
    "thing.count >= 2000 && thing.count <= 2500 && thing.total >= 0 && thing.total <= 2000",
)


def analysis(hit: HitPolicy) -> TableAnalysis:
    """Return the analysis of the loan grades."""
    ruleset = tabled(claiming(LOAN_GRADE, ("VG", "G", "F", "P")), hit)
    return TableAnalysis(Prover(ruleset, SPECIMEN), ruleset.tables[0])


def test_loan_grades_overlap_once() -> None:
    """Of the four rules only A and C overlap: where income and size are both 500 to 1,000."""
    ((first, second, shown),) = analysis(HitPolicy.UNIQUE).overlapping(differ=False)
    facts = shown.witness.facts
    assert (first, second) == (0, 2)
    assert (facts.thing.count, facts.thing.total) == (500, 500)  # type: ignore[attr-defined]
    described = analysis(HitPolicy.UNIQUE)
    assert "from 500 to 1000" in next(iter(described.overlaps())).message


def test_loan_grades_leave_gaps() -> None:
    """Some incomes have no grade whatever the loan, and some loans none whatever the income."""
    gaps = list(analysis(HitPolicy.UNIQUE).gaps())
    assert gaps
    assert all(gap.witness is not None for gap in gaps)


def test_no_loan_grade_hides_another() -> None:
    """If the first rule wins, each still grades something."""
    assert list(analysis(HitPolicy.FIRST).masked()) == []
