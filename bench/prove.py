"""Measures what proving a large decision table costs, beside reading it.

Usage: python -m bench.prove [ROWS]

The table is random, which is the hard case: 1,000 rows over six columns, most of them masked by
others. Costs are CPU time of this process; only the ratios mean anything on another machine.
"""

import re
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.rulebook.loading import load_catalog

RULES = Path(__file__).parents[1] / "rules" / "qualify"
KIND = KINDS["qualify"]
ROWS = 1000
NUMBERS = ("lead.company.employees", "history.recycle_count", "bant.timeline.days")
WORDS = {
    "lead.country": ("DE", "FR", "US", "GB", "IT", "ES", "NL", "SE"),
    "lead.seniority": ("C_LEVEL", "VP", "DIRECTOR", "MANAGER", "INTERN"),
    "history.rejection_code": tuple(f"CODE-{number}" for number in range(8)),
}
HITS = ("first", "unique", "any")


def rows(random: Random, count: int) -> str:
    """Return a CSV of random rows; three cells in ten say nothing."""
    columns = [column for pair in zip(NUMBERS, WORDS, strict=True) for column in pair]
    lines = [",".join((*columns, "then.disposition", "then.code"))]
    for _ in range(count):
        cells = (_cell(random, column) if random.random() > 0.3 else "-" for column in columns)
        lines.append(",".join((*cells, "nurture", f"CODE-0{random.randint(1, 7)}")))
    return "\n".join(lines) + "\n"


def _cell(random: Random, column: str) -> str:
    if column in WORDS:
        words = WORDS[column]
        return f'"{", ".join(random.sample(words, random.randint(1, 4)))}"'
    low, high = sorted(random.sample(range(0, 1001, 50), 2))
    return f"[{low}..{high})"


def read(folder: Path, hit: str, text: str) -> AnyRuleSet:
    """Write the table beside rules of qualify, and read both."""
    home = folder / hit / "rules" / "qualify"
    home.mkdir(parents=True)
    text_of_v1 = (RULES / "v1.yaml").read_text()
    head = re.split(r"^(?:constants|facts|rules):", text_of_v1, flags=re.MULTILINE)[0]
    tables = f"tables:\n  - id: large\n    hit: {hit}\n    because: By chance.\n"
    (home / "v1.yaml").write_text(head + tables)
    (home / "v1.large.csv").write_text(text)
    return load_catalog(home.parent, {"qualify": KIND}, CelChecker()).version("qualify", 1)


def main(console: Console, count: int) -> None:
    """Read and prove the table under three policies, and print what it took."""
    table = Table("hit policy", "reading, s", "proving, s", "ratio", "found")
    text = rows(Random(5), count)
    with TemporaryDirectory() as folder:
        for hit in HITS:
            start = time.process_time()
            ruleset = read(Path(folder), hit, text)
            middle = time.process_time()
            report = analysed(ruleset, KIND)
            reading, proving = middle - start, time.process_time() - middle
            figures = (f"{reading:.2f}", f"{proving:.2f}", f"{proving / reading:.2f}")
            table.add_row(hit, *figures, f"{len(report.findings)}; {report.summary}")
    console.print(f"{count:,} rows, {len(NUMBERS) + len(WORDS)} columns")
    console.print(table)


if __name__ == "__main__":
    main(Console(highlight=False), int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
