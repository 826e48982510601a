"""The impact of a scope's version: on whom it decides for, and on those it no longer does."""

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.assemble.server import serving
from dealgate.cli import app
from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.model.decision import Question
from dealgate.settings import Settings
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.lead_pb2 import INDUSTRY_OTHER
from dealgate.wire.arrival import Arrival, uuid7
from dealgate.wire.asking import question
from dealgate_client import AsyncClient, Company, Lead, RuleSetNotFound
from tests.cli.saying import said
from tests.scopes.folder import FILES, read, written

# France comes, Switzerland goes, and thirty people are the least.
DRAFT = (
    FILES["qualify/dach/v1.yaml"]
    .replace("version: 1\n", "version: 2\n")
    .replace('["DE", "AT", "CH"]', '["DE", "AT", "FR"]')
    .replace("least: 10", "least: 30")
)
SIZES = "id,lead.company.employees,then.code\nmid,[30..1000),ENG-04\n"
LEADS = [
    *(("DE", employees) for employees in (5, 20, 40, 40)),
    *(("CH", employees) for employees in (20, 20, 600)),
    *(("FR", employees) for employees in (40, 600)),
    *(("US", employees) for employees in (20, 600)),
    (None, 20),
]
# Of Germany one in four; both small ones of Switzerland are too small at home; one of France is
# not any more. Elsewhere nothing is decided otherwise.
COUNTED, FLIPS = 9, 1 + 2 + 1


def asked(country: str | None, employees: int, number: int, tenant: str) -> Question:
    """Return a question about a lead."""
    request = pb.QualifyLeadRequest()
    lead = request.facts.lead
    lead.id, lead.company.employees = f"L{number}", employees
    lead.company.industry = INDUSTRY_OTHER
    request.facts.relationship.is_competitor = False
    if country is not None:
        lead.country = country
    now = time.time_ns()
    return question(KINDS["qualify"], request, Arrival(uuid7(now), now), tenant)


def drafted(folder: Path, text: str = DRAFT) -> Path:
    """Write the rules, and a draft of the scope."""
    rules = written(folder)
    (rules / "qualify/dach/v2.yaml").write_text(text)
    (rules / "qualify/dach/v2.size.csv").write_text(SIZES)
    (rules / "qualify/dach/v2.cases.yaml").write_text(FILES["qualify/dach/v1.cases.yaml"])
    return rules


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What was decided before there was a draft."""
    folder = tmp_path_factory.mktemp("impact")
    catalog = read(written(folder)).needing_all().catalog
    url = str(folder / "journal.db")

    async def fill() -> None:
        kept = await open_journal(url)
        decider = Decider(catalog.kinds, catalog, NativeEngine(), kept)
        for tenant in ("default", "acme"):
            questions = [asked(*lead, number, tenant) for number, lead in enumerate(LEADS)]
            outcomes = await decider.decide_all(questions)
            assert not [one for one in outcomes if isinstance(one, Exception)]
        await kept.close()

    asyncio.run(fill())
    return url


def told(rules: Path, journal: str, *options: str) -> dict[str, Any]:
    """Return an impact as JSON."""
    command = ["impact", *options, "--rules", str(rules), "--journal", journal, "--format", "json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def flips(document: dict[str, Any]) -> Sequence[tuple[str, str, int]]:
    """Return from what to what, and how many."""
    rows = document["transitions"]
    return [(r["old"], r["new"], r["decisions"]) for r in rows if r["old"] != r["new"]]


def test_whom_it_decides_for_is_part_of_the_impact(journal: str, tmp_path: Path) -> None:
    """Those that come, that go and that stay are counted, and nobody else."""
    document = told(drafted(tmp_path), journal, "qualify/dach@2")
    names = [document[side]["rule_set"] for side in ("old", "new")]
    assert names == ["qualify/dach@1", "qualify/dach@2"]
    assert document["decisions"] == COUNTED
    assert document["old_is_not_what_was_recorded"] == 0
    assert flips(document) == [("MQL", "NURTURE", 3), ("NURTURE", "MQL", 1)]


def test_a_first_version_is_compared_with_the_kinds_own_rules(journal: str, tmp_path: Path) -> None:
    """Nothing decides there yet but those; the scope's are the draft's."""
    rules = drafted(tmp_path)
    (rules / "qualify/dach/releases.yaml").unlink()
    document = told(rules, journal, "qualify/dach@2")
    assert document["old"]["rule_set"] == "qualify@1"
    assert document["decisions"] == 6
    assert flips(document) == [("NURTURE", "MQL", 3)]


def test_what_may_not_be_left_open_is_refused(journal: str, tmp_path: Path) -> None:
    """A draft that refuses leads without a country says how many those are."""
    text = DRAFT.replace("unknown: base", "unknown: refuse")
    document = told(drafted(tmp_path, text), journal, "qualify/dach@2")
    assert document["decisions"] == COUNTED + 1
    assert ("NURTURE", "(refused)", 1) in flips(document)


def test_a_kinds_own_version_counts_none_of_a_scope(journal: str, tmp_path: Path) -> None:
    """Neither from a journal nor from exported files, which name no scope."""
    rules = drafted(tmp_path)
    out = tmp_path / "out"
    said(f"export {out} --kind qualify --journal {journal}")
    for source in ((), ("--parquet", str(out))):
        document = told(rules, journal, "qualify@1", "--against", "1", *source)
        assert document["decisions"] == 5
    again = told(rules, journal, "qualify/dach@2", "--parquet", str(out))
    assert again["decisions"] == COUNTED


def test_a_tenants_scope_is_its_own(journal: str, tmp_path: Path) -> None:
    """Its decisions tell, whichever scope decided them before, and no other tenant's."""
    rules = drafted(tmp_path)
    where = ("--rules", str(rules), "--journal", journal)
    refused = said("impact qualify/acme@1 --against 1", *where)
    assert "decides for the tenant acme only: --tenant acme" in refused
    (rules / "qualify/acme/releases.yaml").unlink()
    document = told(rules, journal, "qualify/acme@1", "--tenant", "acme")
    assert document["decisions"] == len(LEADS)


def test_a_release_of_a_scope_is_held_to_its_bound(journal: str, tmp_path: Path) -> None:
    """A bound was passed over in silence: nothing was assessed but versions of built-in kinds."""
    rules = drafted(tmp_path)
    where = ("--rules", str(rules), "--journal", journal, "--fail-over", "1%")
    release = "release qualify/dach@2 --from 2999-01-01 --by a@example.com --because More --dry-run"
    text = said(release, *where)
    assert f"impact: qualify/dach@2 against qualify/dach@1: {FLIPS} of {COUNTED}" in text
    assert "nothing was released" in text


async def test_a_server_assesses_scopes(tmp_path: Path) -> None:
    """As the command does, and it tells nobody of another tenant's."""
    settings = Settings(
        address="localhost:0",
        rules=drafted(tmp_path),
        journal=f"{tmp_path}/journal.db",
        lame_duck=0,
    )
    async with (
        serving(settings) as running,
        AsyncClient(f"localhost:{running.port}", timeout=60) as client,
    ):
        for country, employees in (("DE", 40), ("CH", 600), ("US", 600)):
            company = Company(employees=employees)
            await client.qualify_lead(lead=Lead(id=country, country=country, company=company))
        told = [told async for told in client.assess_impact("qualify/dach", 2)]
        impact = told[-1].impact
        assert (impact.old_rule_set, impact.new_rule_set) == ("qualify/dach@1", "qualify/dach@2")
        assert impact.decisions == 2
        with pytest.raises(RuleSetNotFound, match="qualify has no scope 'acme'"):
            _ = [told async for told in client.assess_impact("qualify/acme", 1)]


def test_the_page_of_a_scope(tmp_path: Path) -> None:
    """A scope as it is in effect, a draft of it, a kind with all its scopes; no broken draft."""
    rules = drafted(tmp_path)
    where = f"--rules {rules}"
    page = said(f"docs qualify/dach {where}")
    assert "## qualify/dach" in page and "## qualify\n" not in page  # noqa: PT018
    assert "`qualify/dach@1`" in page
    draft = said(f"docs qualify/dach@2 {where}")
    assert draft.startswith("# qualify/dach@2\n")
    assert "is a draft: it decides nothing." in draft
    (rules / "qualify/dach/v2.yaml").write_text(DRAFT.replace("then:", "than:"))
    whole = said(f"docs qualify {where}")
    assert whole.startswith("qualify/dach@2 has 1 fault and is left out")
    assert all(f"\n## {name}\n" in whole for name in ("qualify", "qualify/acme", "qualify/dach"))
    assert "is not a version" in said(f"docs qualify@x {where}")
