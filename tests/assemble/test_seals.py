"""Released versions are those that the journal has decided by, or a server does not start."""

from dataclasses import replace
from pathlib import Path

import pytest

from dealgate.assemble.seals import refuse_other_rules
from dealgate.desk.expressions import expression_checker
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog
from tests.journal.decisions import decision

RULES = Path(__file__).parents[1] / "rules"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The tests' own rules."""
    return load_catalog(RULES, KINDS, expression_checker(), only=("score",))


async def decided(journal: str, digest: str) -> None:
    """Keep a decision by score@1 of this digest."""
    kept = await open_journal(journal)
    await kept.append(replace(decision(), kind="score", version=1, digest=digest))
    await kept.close()


async def test_the_same_rules(tmp_path: Path, catalog: Catalog) -> None:
    """A journal that was decided by the rules that are here is taken, as is one in memory."""
    journal = str(tmp_path / "journal.db")
    await decided(journal, catalog.version("score", 1).digest)
    refuse_other_rules(journal, catalog)
    refuse_other_rules("memory:", catalog)


async def test_a_version_that_was_changed(tmp_path: Path, catalog: Catalog) -> None:
    """A released version whose meaning changed is named with both digests, sealed or not."""
    journal = str(tmp_path / "journal.db")
    await decided(journal, "ab" * 32)
    with pytest.raises(JournalUnusable, match=r"score@1 of the digest abababababab…"):
        refuse_other_rules(journal, catalog)
