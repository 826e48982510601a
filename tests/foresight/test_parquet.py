"""A journal as Parquet: exact, typed, by kind and month, and assessed like the journal itself."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.foresight import parquet
from dealgate.foresight.parquet import NotExported, OfAnotherTenant, export, read
from dealgate.journal.port import Recorded
from dealgate.journal.urls import open_journal
from dealgate.kinds import KINDS
from dealgate.model.errors import RecordDamaged
from tests.foresight.recording import MARCH, RULES
from tests.foresight.test_assessing import decided, impact_on, versions
from tests.full_disk import files_of_at_most

MONTH = 31 * 86_400 * 10**9


def later(records: list[Recorded]) -> list[Recorded]:
    """Move every third decision into April."""
    return [
        (dataclasses.replace(decision, decided_at=MARCH + MONTH + n), result)
        if n % 3 == 0
        else (decision, result)
        for n, (decision, result) in enumerate(records)
    ]


@pytest.mark.parametrize("kind", ["qualify", "forecast", "close", "health", "quota"])
def test_what_was_exported_is_what_was_recorded(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Facts, instants to the nanosecond, results and amounts; whoever is damaged is left out."""
    monkeypatch.setattr(parquet, "BATCH", 3)
    records = later(decided(kind, 8))
    damaged: list[Recorded | RecordDamaged] = [*records, RecordDamaged("rotten")]
    files = export(damaged, KINDS[kind], tmp_path)
    assert [file.path.name for file in files] == ["2026-03.parquet", "2026-04.parquet"]
    assert sum(file.decisions for file in files) == len(records)
    again = {decision.id: (decision, result) for decision, result in read(tmp_path, kind)}
    for decision, result in records:
        kept, told = again[decision.id]
        assert (kept.facts, kept.as_of, kept.decided_at) == (
            decision.facts,
            decision.as_of,
            decision.decided_at,
        )
        assert (kept.outcome, kept.digest, kept.entity) == (
            decision.outcome,
            decision.digest,
            decision.entity,
        )
        assert (told and told.amount) == (result and result.amount)
    assert {decision.id for decision, _ in read(tmp_path, kind, MARCH + MONTH)} == {
        decision.id for decision, _ in records if decision.decided_at >= MARCH + MONTH
    }


def test_outcomes_have_typed_columns(tmp_path: Path) -> None:
    """Amounts are exact minor units with their currency, dates are dates."""
    export(decided("close", 8), KINDS["close"], tmp_path)
    query = f"DESCRIBE SELECT * FROM '{tmp_path}/close/*.parquet'"
    types: dict[str, Any] = {row[0]: row[1] for row in duckdb.connect().execute(query).fetchall()}
    assert types["outcome_items_total"] == types["money_minor"] == "DECIMAL(38,0)"
    assert types["outcome_items_total_currency"] == types["outcome"] == "VARCHAR"
    assert types["outcome_term_end_date"] == "DATE"
    assert types["as_of"] == "TIMESTAMP WITH TIME ZONE"
    assert types["facts"] == types["answer"] == "BLOB"


def test_an_impact_from_parquet_is_the_journals(tmp_path: Path) -> None:
    """An impact from Parquet has the counts, causes and money of one from the journal."""
    old, new = versions("qualify")
    records = decided("qualify", 30)
    export(records, KINDS["qualify"], tmp_path)
    exported = sorted(read(tmp_path, "qualify"), key=lambda record: record[0].id)
    whole = impact_on("qualify", old, new, sorted(records, key=lambda record: record[0].id))
    assert impact_on("qualify", old, new, exported) == whole


def test_nothing_exported_says_how(tmp_path: Path) -> None:
    """The folder and the command."""
    with pytest.raises(NotExported, match="dealgate export"):
        list(read(tmp_path, "qualify"))


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    """No month's file is taken for whole, and nothing lies about."""
    records = decided("qualify", 3)
    with files_of_at_most(100), pytest.raises(NotExported, match=f"{tmp_path}: cannot be written"):
        export(records, KINDS["qualify"], tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["qualify"]


def test_the_command_writes_what_impact_reads(tmp_path: Path) -> None:
    """From a journal's file to an impact, without the journal."""
    journal, folder = tmp_path / "journal.db", tmp_path / "exported"
    decisions = [decision for decision, _ in decided("qualify", 6)]

    async def fill() -> None:
        kept = await open_journal(str(journal))
        await kept.append_all(decisions)
        await kept.close()

    asyncio.run(fill())
    run = CliRunner().invoke
    wrote = run(app, ["export", str(folder), "--journal", str(journal), "--kind", "qualify"])
    assert wrote.output == f"{folder}/qualify/2026-03.parquet: 6 decisions\n"
    named = run(app, ["export", "--parquet", str(folder), "--journal", str(journal)])
    assert named.output == wrote.output
    assert run(app, ["export", "--journal", str(journal)]).exit_code == 2
    options = ["qualify@2", "--against", "1", "--parquet", str(folder), "--rules", str(RULES)]
    assessed = run(app, ["impact", *options])
    assert " of 6 decisions flip" in assessed.output
    refused = run(app, ["impact", *options[:3], "--parquet", str(tmp_path), "--rules", str(RULES)])
    assert refused.exit_code == 2


def test_a_tenant_is_not_taken_for_another(tmp_path: Path) -> None:
    """Files of two tenants are told apart, and none takes the place of another's."""
    records = decided("qualify", 8)
    others = [(dataclasses.replace(decision, tenant="b"), result) for decision, result in records]
    export(records, KINDS["qualify"], tmp_path / "one")
    with pytest.raises(OfAnotherTenant, match="of the tenant default"):
        export(others, KINDS["qualify"], tmp_path / "one")
    export([*records, *others[:3]], KINDS["qualify"], tmp_path / "both")
    assert len([*read(tmp_path / "both", "qualify")]) == len(records) + 3
    assert {one.tenant for one, _ in read(tmp_path / "both", "qualify", tenant="b")} == {"b"}
    assert not [*read(tmp_path / "one", "qualify", tenant="b")]


def test_what_was_pruned_stays_exported_and_what_was_erased_does_not(tmp_path: Path) -> None:
    """A journal that keeps half a month takes the other half out of no file."""
    records = decided("qualify", 8)
    export(records, KINDS["qualify"], tmp_path)
    (first, _), (second, told), *rest = records
    erased = dataclasses.replace(second, erased=("lead/L1",))
    kept: list[Recorded | RecordDamaged] = [(erased, told), *rest]
    (file,) = export(kept, KINDS["qualify"], tmp_path)
    exported = {decision.id for decision, _ in read(tmp_path, "qualify")}
    assert exported == {first.id, *(decision.id for decision, _ in rest)}
    assert file.decisions == len(records) - 1


@pytest.mark.parametrize("since", ["2026-03-02", "2026-03-01T12:00:00Z", "2026-03"])
def test_an_export_begins_with_a_month(since: str, tmp_path: Path) -> None:
    """A month's file is replaced as a whole: half a month would take the place of all of it."""
    options = [str(tmp_path), "--since", since, "--journal", str(tmp_path / "none.db")]
    told = CliRunner().invoke(app, ["export", *options, "--rules", str(RULES)])
    assert told.exit_code == 2
    assert f"--since {since}: " in told.stderr
