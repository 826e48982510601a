"""The files of a scope: what is wrong with them, what that spoils, and what tools show."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from typer.testing import CliRunner, Result

from dealgate.cli import app
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.model.editions import Outcome, Reload
from dealgate.model.errors import RulesBehind, UnknownRuleSet
from dealgate.model.faults import Fault
from dealgate.model.instants import SECOND
from dealgate.model.rules import Location
from dealgate.proof.checking import analysed
from dealgate.rulebook.catalog import Catalog
from dealgate.v1 import rule_service_pb2 as pb
from dealgate.wire.demands import MIN_EDITION, demand_of, token_of
from dealgate.wire.rulesets import RuleSets
from tests.scopes.folder import FILES, read, written

DACH, SIZE, CASES = "qualify/dach/v1.yaml", "qualify/dach/v1.size.csv", "qualify/dach/v1.cases.yaml"
BASE = "qualify/v1.yaml"


def in_dach(old: str, new: str) -> Mapping[str, str]:
    """Return the scope's file with a change."""
    assert old in FILES[DACH]
    return {DACH: FILES[DACH].replace(old, new)}


FAULTS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "no such base": (in_dach("narrows: 1", "narrows: 7"), f"{DACH}:4:10: narrows: there is no"),
    "another name": (in_dach("scope: dach", "scope: emea"), f"{DACH}:2:8: scope: this says emea"),
    "nowhere": (
        in_dach('applies: lead.country in ["DE", "AT", "CH"]\nunknown: base\n', ""),
        f"{DACH}:1:1: a scope must say where it decides: applies, tenant, or both",
    ),
    "unsaid": (in_dach("unknown: base\n", ""), "must say what decides if it is unknown"),
    "no because": (
        in_dach("because: Smaller companies, and a team for authorities.\n", ""),
        f"{DACH}:1:1: the key 'because' is missing",
    ),
    "misspelt fact": (
        in_dach("lead.country in", "lead.contry in"),
        f"{DACH}:7:15: applies: Lead has no field 'contry'",
    ),
    "not a condition": (in_dach('lead.country in ["DE", "AT", "CH"]', "lead.country"), f"{DACH}:7"),
    "removes nothing": (
        in_dach("[competitor]", "[competitors]"),
        f"{DACH}:9:10: remove: there is no 'competitors' in the base",
    ),
    "unknown key": (in_dach("remove:", "removes:"), f"{DACH}:9:1: unknown key 'removes'"),
    "overriding rule misspelt": (
        in_dach("lead.company.industry", "lead.company.industri"),
        f"{DACH}:1",
    ),
    "other columns": (
        {SIZE: FILES[SIZE].replace("then.code", "then.disposition")},
        f"{SIZE}:1:1: rows that override others have the columns of their table",
    ),
    "no such table": (
        {"qualify/dach/v1.sizes.csv": FILES[SIZE]},
        "qualify/dach/v1.sizes.csv:1:1: neither v1.yaml nor what it narrows has a table 'sizes'",
    ),
    "the base breaks by it": (
        in_dach("  least: 10", "  least: null"),
        f"{DACH}:4:10: with what this scope overrides, qualify@1 has a fault at rules/{BASE}:10:",
    ),
    "the constant does not fit": (
        in_dach("  least: 10", '  least: "10"'),
        f"{DACH}:11:10: constant least: rule too-small uses it with an int, and it is a string",
    ),
    "case of no rule": (
        {CASES: FILES[CASES].replace("remove: [a large competitor]\n", "")},
        f"{CASES}:1:1: with what this scope overrides, v1.cases.yaml has a fault at",
    ),
    "removes no case": (
        {CASES: FILES[CASES].replace("competitor]", "competitor, a larger one]")},
        f"{CASES}:1:30: remove: there is no case 'a larger one' in the base",
    ),
    "a value that the table of the base does not allow": (
        {
            f"{BASE}": FILES[BASE].replace(
                "hit: first,", "hit: first, allowed: {then.code: [ENG-01, ENG-02]},"
            )
        },
        f"{SIZE}:2:16: row mid: then.code: 'ENG-04' is not among the allowed values",
    ),
    "stray": ({"qualify/dach/notes.txt": "x"}, "notes.txt:1:1: this file does not belong"),
    "a kind of its own": ({"qualify/dach/kind.yaml": "kind: x"}, "a scope declares no kind"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_told_where_the_scope_says_it(tmp_path: Path, name: str) -> None:
    """Never in a file of the base, which has no fault; and nobody else is spoiled."""
    files, told = FAULTS[name]
    checked = read(written(tmp_path, released=False, files=dict(files)))
    shown = "\n".join(str(fault) for fault in checked.faults.all)
    assert told in shown
    assert {fault.location.file.split("/")[-2] for fault in checked.faults.all} == {"dach"}
    assert not checked.faults.fatal
    assert set(checked.faults.spoiled) <= {"qualify/dach@1"}
    checked.needing("qualify@1").needing("qualify/acme@1")


def test_a_released_scope_is_sealed_with_what_it_narrows(tmp_path: Path) -> None:
    """A changed base changes what the scope means, released or not."""
    rules = written(tmp_path)
    path = rules / BASE.replace(".yaml", ".size.csv")
    path.write_text(path.read_text().replace(">= 1000", ">= 2000"))
    told = "\n".join(str(fault) for fault in read(rules).faults.fatal)
    for name in ("qualify@1", "qualify/acme@1", "qualify/dach@1"):
        assert f"{name} was released and has changed since" in told


def test_every_scope_is_proved_and_tried_as_a_whole(tmp_path: Path) -> None:
    """Cases of the base are inherited, and those that it answers otherwise written anew."""
    checked = read(written(tmp_path)).needing_all()
    names = {file.ruleset.name: [case.name for case in file.cases] for file in checked.files}
    assert names["qualify/dach@1"] == [
        "a mid one",
        "a small one",
        "a tiny authority",
        "a large one",
    ]
    for file in checked.files:
        assert not any(each.failures for each in asyncio.run(run_cases(NativeEngine(), [file])))
        report = analysed(file.ruleset, file.kind, file.cases, file.accepted, beside=file.beside)
        assert not report.faults


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Result]:
    """Return how to run a command on the rules."""
    rules = written(tmp_path)
    return lambda *said: CliRunner().invoke(app, [*said, "--rules", str(rules)])


def test_a_scope_is_begun_proved_released_and_rolled_back(command: Callable[..., Result]) -> None:
    """Like any version, by the name `qualify/nordics@1`; one that overlaps another is a fault."""
    begun = command("new-scope", "qualify/nordics", "--applies", 'lead.country in ["SE", "AT"]')
    assert begun.exit_code == 0, begun.output
    path = Path(begun.output.partition(": written")[0])
    told = command("check", "qualify/nordics@1")
    assert told.exit_code == 1
    assert "qualify/nordics@1 and qualify/dach@1 apply at once [scopes-overlap]" in told.output
    assert 'country: "AT"' in told.output
    path.write_text(path.read_text().replace('"AT"', '"NO"'))
    assert command("check", "qualify/nordics@1").exit_code == 0
    assert command("fmt", "--check", "qualify/nordics").exit_code == 0
    assert command("release", "qualify/nordics@1", "--because", "Now.", "--now").exit_code == 0
    assert command("new-version", "qualify/nordics").exit_code == 0
    listed = command("releases", "qualify/nordics")
    assert "qualify/nordics@1 from" in listed.output
    assert "qualify@1" not in listed.output
    assert command("discard", "qualify/nordics@2", "--yes").exit_code == 0
    assert command("discard", "qualify/nordics@1", "--yes").exit_code == 2


def test_two_kinds_of_difference_are_shown(command: Callable[..., Result]) -> None:
    """What a scope has otherwise is the difference of two versions, by facts."""
    shown = command("diff", "qualify@1", "qualify/dach@1").output
    for words in ("falls from 50 to 10", "Rules removed", "Rules added", "claims code ENG-04"):
        assert words in shown


def test_docs_and_explain_say_what_applies(command: Callable[..., Result], tmp_path: Path) -> None:
    """The page has a section for each scope; explain chooses by the facts, as the server does."""
    page = command("docs").output
    assert "## qualify/dach\n" in page
    assert (
        'A scope: qualify@1 with the differences when `lead.country in ["DE", "AT", "CH"]`.' in page
    )
    facts = tmp_path / "facts.yaml"
    facts.write_text("lead: {id: L1, country: DE, company: {employees: 20}}\n")
    shown = command("explain", "--facts", str(facts), "--kind", "qualify").output
    assert "qualify/dach@1" in shown
    assert "size/mid" in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "qualify/nowhere"), "nowhere"),
        (("new-scope", "qualify", "--tenant", "x"), "does not name a scope"),
        (("new-scope", "qualify/dach", "--tenant", "x"), "already exists"),
        (("new-scope", "qualify/x"), "say where the scope decides"),
        (("diff", "qualify@1", "qualify/nowhere@1"), "qualify has no scope 'nowhere'"),
    ],
)
def test_a_name_that_names_nothing_is_told(
    command: Callable[..., Result], arguments: tuple[str, ...], told: str
) -> None:
    """A name that names nothing is reported without a traceback."""
    result = command(*arguments)
    assert (result.exit_code, told in result.output) == (2, True), result.output


def rule_sets(catalog: Catalog, tenant: str, faults: Sequence[Fault] = ()) -> tuple[RuleSets, Any]:
    """Return the service as it is for a tenant, after a reload that found these faults."""
    edition = SimpleNamespace(catalog=catalog, number=1, taken_at=0)
    live: Any = SimpleNamespace(edition=edition, last=Reload(0, Outcome.TAKEN, faults))
    now = SimpleNamespace(at=1_780_000_000 * SECOND)
    call = SimpleNamespace(viewer=tenant, allows=lambda _: True, allow=lambda _: None)
    arrive: Any = lambda: now  # noqa: E731
    return RuleSets(live, arrive), call


def test_rule_sets_are_told_with_their_scopes_but_not_other_tenants(tmp_path: Path) -> None:
    """Whoever asks for another tenant's gets what he would get if there were none."""
    catalog = read(written(tmp_path)).needing_all().catalog
    service, call = rule_sets(catalog, "default")
    request = pb.GetRuleSetRequest(kind="qualify/dach")
    summary = asyncio.run(service.get(request, call)).summary
    assert (summary.kind, summary.scope, summary.narrows, summary.active) == (
        "qualify",
        "dach",
        1,
        True,
    )
    for asked in ({}, {"version": 9}, {"as_of": Timestamp(seconds=1)}):
        with pytest.raises(UnknownRuleSet, match="qualify has no scope 'acme'"):
            asyncio.run(service.get(pb.GetRuleSetRequest(kind="qualify/acme", **asked), call))
    service, call = rule_sets(catalog, "acme")
    assert asyncio.run(service.get(pb.GetRuleSetRequest(kind="qualify/acme"), call)).rules


FAULTY = ("qualify/v2.yaml", "qualify/acme/v2.yaml", "qualify/acme", "qualify/new/v1.yaml", "a.txt")


@pytest.mark.parametrize("folder", ["rules", "data/rules", "."])
def test_what_is_wrong_in_a_scope_is_told_to_its_tenant(tmp_path: Path, folder: str) -> None:
    """Of a reload others hear what is wrong elsewhere; of a scope of nobody's yet, nobody hears."""
    catalog = read(written(tmp_path)).needing_all().catalog

    files = [str(PurePosixPath(folder, file)) for file in FAULTY]
    faults = [Fault(Location(file, 1, 1), "is wrong") for file in files]

    def told(tenant: str) -> list[str]:
        service, call = rule_sets(catalog, tenant, faults)
        reload = asyncio.run(service.outline(pb.ListRuleSetsRequest(), call)).catalog.last_reload
        assert reload.fault_count == len(reload.faults)
        return [fault.file.removeprefix(f"{folder}/") for fault in reload.faults]

    assert told("acme") == [FAULTY[0], FAULTY[1], FAULTY[2], FAULTY[4]]
    assert told("beta") == [FAULTY[0], FAULTY[4]]


def test_what_another_tenants_scope_does_is_not_in_the_digest(tmp_path: Path) -> None:
    """A tenant's digest of the catalog changes with what may decide for it, and with nothing else.

    The operator's is over all.
    """
    before = read(written(tmp_path / "a")).needing_all().catalog
    changed = {"qualify/acme/v1.size.csv": FILES["qualify/acme/v1.size.csv"].replace("1000", "900")}
    after = read(written(tmp_path / "b", files=changed)).needing_all().catalog
    assert before.digest != after.digest
    assert before.digest_for("beta") == after.digest_for("beta")
    assert (before.digest_for("acme"), after.digest_for("acme")) == (before.digest, after.digest)


def test_a_token_of_another_tenants_scope_is_of_nothing(tmp_path: Path) -> None:
    """Who holds a call to rules it has seen learns nothing of scopes it may not see."""
    catalog = read(written(tmp_path)).needing_all().catalog
    live: Any = SimpleNamespace(edition=SimpleNamespace(number=1, catalog=catalog))
    whole = token_of(catalog, {"qualify", "qualify/acme"})
    (line,) = catalog.all_releases()["qualify/acme"]
    for seen in (whole, line.sha256):
        call = SimpleNamespace(metadata=[(MIN_EDITION, seen)], viewer="acme")
        demand_of(live)(call)
        call.viewer = "beta"
        with pytest.raises(RulesBehind):
            demand_of(live)(call)


def test_the_page_of_scopes_is_true(tmp_path: Path) -> None:
    """Its files are sound beside the tests' own rules, and its cases pass."""
    page = (Path(__file__).parents[2] / "docs" / "scopes.md").read_text()
    files = dict(re.findall(r"^`(\S+)`:\n```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    here = {f"qualify/dach/{name}": text for name, text in files.items()}
    checked = read(written(tmp_path, files=here)).needing_all()
    (file,) = [each for each in checked.files if each.ruleset.scope == "dach"]
    assert not any(each.failures for each in asyncio.run(run_cases(NativeEngine(), [file])))
