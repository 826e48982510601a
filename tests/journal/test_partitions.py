"""A journal whose operator has partitioned it by hand, as ADR 104 says."""

import asyncio
import re
from pathlib import Path

from dealgate.journal.archiving import upkeep_of
from dealgate.journal.evidence import evidence_faults
from dealgate.journal.retention import DAY, Cutoff
from dealgate.journal.urls import open_journal, reader
from dealgate.model.decision import DecisionFilter
from tests.journal.decisions import JULY, decision
from tests.journal.postgres import Postgres

ADR = Path(__file__).parents[2] / "docs" / "adr" / "0104-retention.md"
HELD = "SELECT tableoid::regclass::text, count(*) FROM dealgate.decisions GROUP BY 1 ORDER BY 1"
DROP = (
    "ALTER TABLE dealgate.decisions DETACH PARTITION dealgate.decisions_before",
    "DROP TABLE dealgate.decisions_before",
)


async def test_a_journal_that_was_partitioned_by_hand(postgres: Postgres, tmp_path: Path) -> None:
    """It is written, repeated, searched, verified and retained; what is empty can be dropped."""
    name = "by_hand"  # a database of its own: others are used again
    await asyncio.to_thread(postgres.ask, f"CREATE DATABASE {name}")
    url = postgres.url_of(name)
    journal = await open_journal(url)
    for number in range(60):
        await journal.append(decision(number))
    await journal.close()
    (statements,) = re.findall(r"```sql\n(.*?)```", ADR.read_text(), re.DOTALL)
    for statement in statements.split(";\n"):
        if statement.strip():
            await asyncio.to_thread(postgres.ask, statement, name)
    journal = await open_journal(url)
    for number in range(60, 90):
        await journal.append(decision(number, key=f"k{number}"))
    assert await journal.append(decision(60, key="k60")) == decision(60, key="k60")
    assert postgres.ask(HELD, name) == [
        ("dealgate.decisions_after", 30),
        ("dealgate.decisions_before", 60),
    ]
    assert len((await journal.find(DecisionFilter("default", limit=100))).decisions) == 90
    old = [Cutoff(JULY + DAY)]
    archive = tmp_path / "archive.db"
    upkeep = upkeep_of(url)
    assert await asyncio.to_thread(upkeep.archive, archive, old) == 90
    assert await asyncio.to_thread(upkeep.prune, archive, old) == 60
    for statement in DROP:
        await asyncio.to_thread(postgres.ask, statement, name)
    assert await journal.get("default", decision(70).id) == decision(70, key="k70")
    await journal.close()
    with reader(url).evidence() as kept:
        assert evidence_faults(kept) == []
