"""What a decision table of 1,000 rows and 6 columns costs: reading, compiling, firing.

Run it with `.venv/bin/python -m bench.tables`; it needs no server and leaves nothing behind.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from dealgate.engine.native import Program, compile_ruleset
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.loading import load_catalog
from dealgate.v1.lead_pb2 import INDUSTRY_BANKING, JOB_FUNCTION_SALES, SENIORITY_VP
from dealgate.v1.score_pb2 import ScoreFacts

RULES = Path(__file__).parents[1] / "rules" / "score"
Result = TypeVar("Result")
ROWS, FIRES = 1000, 500
AS_OF = 1_788_350_400_000_000_000  # 2026-09-02T12:00:00Z
HEADER = (
    "lead.company.employees,lead.country,lead.seniority,lead.company.annual_revenue,"
    "lead.company.industry,lead.job_function,then.points"
)
ENTRY = """
tables:
  - id: big
    hit: unique
    then: {axis: fit, dimension: company_size}
    because: Sizes.
"""


def main() -> None:
    """Print CPU seconds for each step, and microseconds for a decision's rules."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "rules" / "score"
        home.mkdir(parents=True)
        _write(home)
        ruleset, seconds = _timed(lambda: _load(home.parent))
        print(f"read and type {ROWS} rows of 6 columns: {seconds:.1f} s of CPU")
    program, seconds = _timed(lambda: compile_ruleset(ruleset))
    print(f"compile them: {seconds:.1f} s of CPU")
    for name, facts in (("all facts known", _known()), ("one fact known", ScoreFacts())):
        facts.lead.company.employees = 5005
        _, seconds = _timed(partial(_fire, program, facts))
        print(f"fire them, {name}: {seconds / FIRES * 1e6:,.0f} microseconds")


def _write(home: Path) -> None:
    shipped = (RULES / "v2.yaml").read_text()
    (home / "v1.yaml").write_text(
        "ruleset: score\nversion: 1\nowner: bench\nbecause: To be measured.\n"
        + shipped[shipped.index("parameters:") : shipped.index("constants:")]
        + ENTRY
    )
    rows = [
        f'[{i * 10}..{i * 10 + 10}),"not(DE, FR)","VP, C_LEVEL",>= EUR {i * 100}.50,'
        f"not(BANKING),not(SALES),{i % 50 + 1}"
        for i in range(ROWS)
    ]
    (home / "v1.big.csv").write_text("\n".join([HEADER, *rows]) + "\n")


def _load(folder: Path) -> AnyRuleSet:
    shutil.copy(RULES / "README.md", folder / "score")
    return load_catalog(folder, {"score": KINDS["score"]}, CelChecker()).version("score", 1)


def _known() -> ScoreFacts:
    facts = ScoreFacts()
    facts.lead.country = "AT"
    facts.lead.seniority = SENIORITY_VP
    facts.lead.job_function = JOB_FUNCTION_SALES
    facts.lead.company.industry = INDUSTRY_BANKING
    facts.lead.company.annual_revenue.currency_code = "EUR"
    facts.lead.company.annual_revenue.units = 60_000
    return facts


def _fire(program: Program, facts: ScoreFacts) -> None:
    for _ in range(FIRES):
        program.fire(facts, AS_OF, explain=False)


def _timed(run: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


if __name__ == "__main__":
    main()
