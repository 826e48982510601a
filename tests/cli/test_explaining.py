"""What people read when they ask why: a golden explanation of each kind, and every refusal."""

import asyncio
import io
import json
import os
import shlex
import shutil
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf.message import Message
from rich.console import Console
from typer.testing import CliRunner, Result

from dealgate.assemble.process import run_loop
from dealgate.assemble.server import serving
from dealgate.cli import app, selection
from dealgate.cli.explained import Painter, ShownExplanation
from dealgate.cli.links import trace_url
from dealgate.explain.explaining import Explained
from dealgate.explain.explaining import explain as explained
from dealgate.explain.flip_results import Bounds
from dealgate.explain.verdicts import WhatIfJudge, WhatIfVerdict
from dealgate.kinds import KINDS
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.catalog import Catalog
from dealgate.settings import Settings
from dealgate_client import AsyncClient, Company, Lead
from tests.shipped import ENGINE, catalog, folder_of, newest_cases

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
FACTS = HERE / "facts"
NOBODY = "01234567-0000-7000-8000-000000000000"
AT = "--as-of 2026-09-02T12:00:00Z"
RULES = "--version 2 --tries 1500 --seconds 300"


def decides() -> AnyRuleSet:
    """Return what decides now."""
    return catalog().at("qualify", time.time_ns())


EXPLAINED: dict[tuple[str, bytes, int, Bounds], Explained] = {}


def explained_once(
    judge: WhatIfJudge, facts: Message, verdict: WhatIfVerdict, bounds: Bounds
) -> Explained:
    """Explain it, unless that was done: searching for flips takes most of what a test takes."""
    told = facts.SerializeToString(deterministic=True)
    asked = (judge.program.ruleset.digest, told, judge.as_of, bounds)
    if asked not in EXPLAINED:
        EXPLAINED[asked] = explained(judge, facts, verdict, bounds)
    return EXPLAINED[asked]


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands on the shipped rules have them without reading them again."""
    reading = selection.read

    def read(folder: Path, only: str | None = None) -> Catalog:
        return catalog() if folder == ROOT / "rules" else reading(folder, only)

    command = import_module("dealgate.cli.explain")
    monkeypatch.setattr(command, "read", read)
    monkeypatch.setattr(command, "explained", explained_once)


def run(command: str, rules: Path = ROOT / "rules") -> Result:
    """Run a command; whatever it meets, no traceback gets out."""
    result = CliRunner().invoke(app, [*shlex.split(command), "--rules", str(rules)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("score", "score"),
        ("qualify", "qualify"),
        ("advance", "advance"),
        ("gate", "advance"),
        ("attribute", "attribute"),
    ],
)
def test_an_explanation_reads_as_it_did(name: str, kind: str) -> None:
    """Outcome, deciding rules, near misses, missing facts and flips, in plain text.

    The gate is shut for nineteen reasons, and is told what would open it.
    """
    told = run(f"explain --facts {FACTS}/{name}.yaml --kind {kind} {RULES} {AT}").output
    golden = HERE / "golden" / f"explain_{name}.txt"
    if "DEALGATE_GOLDEN" in os.environ:
        golden.write_text(told)
    assert told == golden.read_text()


def test_json_holds_all_that_the_tree_shows_in_part() -> None:
    """Every rule with its conditions, every flip with its changes, as programs read them."""
    command = f"explain --facts {FACTS}/qualify.yaml --kind qualify {RULES} {AT} --format json"
    told = json.loads(run(command).output)
    assert (told["word"], told["decided"]) == ("NURTURE", ["not-yet"])
    assert len(told["rules"]) == len(catalog().version("qualify", 2).rules)
    scores = {"path": "scores.composite", "before": "60", "after": "75"}
    flip = next(one for one in told["flips"] if one["changes"] == [scores])
    assert flip["word"] == "MQL"
    assert flip["rules"] == {"scores-reach-the-threshold": "fires"}


def test_everything_shows_every_rule_and_flip() -> None:
    """--all leaves nothing to be asked for again."""
    command = f"explain --facts {FACTS}/qualify.yaml --kind qualify {RULES} {AT}"
    assert "with --all" in run(command).output
    whole = run(f"{command} --all").output
    assert "with --all" not in whole
    for rule in catalog().version("qualify", 2).rules:
        assert rule.id in whole


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_explained(kind: str) -> None:
    """Whatever a kind's facts and outcome look like: by the facts of its cases, told in a tree."""
    file = newest_cases(kind)
    ruleset = file.ruleset
    cases = [case for case in file.cases if case.error is None]
    for case in cases[:: max(len(cases) // 2, 1)]:
        judge = WhatIfJudge(KINDS[kind], ENGINE.prepare(ruleset), case.as_of)
        verdict = judge.judge(case.facts)
        assert verdict is not None
        shown = ShownExplanation(
            judge, case.facts, explained(judge, case.facts, verdict, Bounds(tries=30))
        )
        text = io.StringIO()
        Console(file=text, width=100).print(Painter(shown, everything=True).tree(None))
        assert f"by {ruleset.name}" in text.getvalue()


BAD_FACTS = """\
lead: {id: L1, seniorty: SENIORITY_VP}
scores: {fit: high}
"""


def test_faults_in_facts_are_told_by_place(tmp_path: Path) -> None:
    """Every fault of the file at once, with line and column."""
    facts = tmp_path / "facts.yaml"
    facts.write_text(BAD_FACTS)
    told = run(f"explain --facts {facts} --kind qualify {RULES} {AT}")
    assert told.exit_code == 1
    assert f"{facts}:1:16: facts: Lead has no field 'seniorty'" in told.output
    assert f"{facts}:2:15: facts: 'fit' takes a whole number" in told.output


def test_facts_that_the_kind_refuses_are_told_by_place(tmp_path: Path) -> None:
    """What a caller would get as field violations, an author gets at the line it stands on."""
    facts = tmp_path / "facts.yaml"
    facts.write_text("lead: {}\nscores: {fit: 101}\nactivities:\n- {}\n- {count: -1}\n")
    told = run(f"explain --facts {facts} --kind qualify {RULES} {AT}")
    assert told.exit_code == 1
    assert f"{facts}:1:7: lead.id: is required" in told.output
    assert f"{facts}:2:15: scores.fit: " in told.output
    assert f"{facts}:5:11: activities[1].count: " in told.output


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("explain", "name a decision id, or a file"),
        (f"explain {NOBODY} --facts x.yaml", "name a decision id, or a file"),
        ("explain --facts x.yaml", "say the kind of facts"),
        ("explain --facts x.yaml --kind kwalify", "did you mean 'qualify'?"),
        ("explain --facts x.yaml --kind qualify --as-of tomorrow", "not a UTC timestamp"),
        ("explain --facts x.yaml --kind qualify --version 99", "there is no qualify@99"),
        (f"explain {NOBODY} --journal nowhere.db", "nowhere.db: there is no journal here"),
        (f"explain {NOBODY} --journal {__file__}", "cannot be read as a journal"),
    ],
)
def test_a_question_that_cannot_be_answered(command: str, says: str) -> None:
    """It is refused with what to do instead, and exit status 2."""
    told = run(command)
    assert told.exit_code == 2
    assert says in told.output


@pytest.fixture(scope="module")
def decided(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, str]]:
    """A server that goes on writing its journal, and the id of a decision in it."""
    folder = tmp_path_factory.mktemp("explain")
    rules = folder_of(folder, "qualify")
    journal = folder / "journal.db"
    ids: list[str] = []
    taken, leave = threading.Event(), threading.Event()

    async def serve() -> None:
        settings = Settings(address="localhost:0", rules=rules, journal=str(journal))
        async with (
            serving(settings.model_copy(update={"lame_duck": 0})) as running,
            AsyncClient(f"localhost:{running.port}", tenant="acme", timeout=60) as client,
        ):
            lead = Lead(id="00Q1", company=Company(employees=49))
            first = await client.qualify_lead(lead=lead, explain=True)
            ids.append(first.header.decision_id)
            taken.set()
            while not leave.is_set():
                await client.qualify_lead(lead=lead)
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=run_loop, args=(serve(),))
    thread.start()
    taken.wait(60)
    yield journal, ids[0]
    leave.set()
    thread.join(60)


Decided = tuple[Path, str]


def test_a_journal_is_read_while_a_server_writes_it(decided: Decided) -> None:
    """The decision is found, and decided again to the byte; the server goes on unharmed."""
    journal, decision = decided
    files = {path.name for path in journal.parent.iterdir()}
    told = run(f"explain {decision} --journal {journal} --tenant acme --tries 50")
    assert told.exit_code == 0
    assert f"HOLD   lead/00Q1, by {decides().name}" in told.output
    assert "the same answer, byte for byte" in told.output
    assert {path.name for path in journal.parent.iterdir()} == files


def test_a_decision_of_another_tenant_is_not_found(decided: Decided) -> None:
    """Ids are looked up among a tenant's own, and the refusal names the tenant."""
    journal, decision = decided
    told = run(f"explain {decision} --journal {journal}")
    assert told.exit_code == 2
    assert f"there is no decision {decision} of tenant default" in told.output


def test_rules_that_changed_since_are_not_passed_off_as_those(
    decided: Decided, tmp_path: Path
) -> None:
    """If the checkout's version is not what decided, the explanation says so before all else."""
    journal, decision = decided
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules" / "qualify", rules / "qualify")
    changed = rules / "qualify" / f"v{decides().version}.yaml"
    changed.write_text(changed.read_text().replace("small: 200", "small: 20"))
    (rules / "qualify" / "releases.yaml").write_text("[]\n")
    told = run(f"explain {decision} --journal {journal} --tenant acme --tries 50", rules)
    assert f"NOT THE SAME: {decides().name} is not what decided then: its digest" in told.output


def test_a_version_that_is_gone_cannot_explain(decided: Decided, tmp_path: Path) -> None:
    """Without the rules that decided there is nothing to explain by."""
    journal, decision = decided
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules" / "qualify", rules / "qualify")
    for path in (rules / "qualify").glob("v[2-9]*"):
        path.unlink()
    (rules / "qualify" / "releases.yaml").write_text("[]\n")
    told = run(f"explain {decision} --journal {journal} --tenant acme", rules)
    assert told.exit_code == 2
    assert f"there is no {decides().name}" in told.output


def test_links_lead_to_the_rules_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a template for URLs each rule says where its line can be read."""
    monkeypatch.setenv("DEALGATE_RULE_URL", "https://git.example/{path}#L{line}")
    command = f"explain --facts {FACTS}/qualify.yaml --kind qualify --version 2 --tries 50 {AT}"
    rule = next(one for one in catalog().version("qualify", 2).rules if one.id == "not-yet")
    url = f"https://git.example/rules/qualify/v2.yaml#L{rule.location.line}"
    assert url in run(command).output.replace("\n", "").replace("│", "").replace(" ", "")
    told = json.loads(run(f"{command} --format json").output)
    assert url in {one["url"] for one in told["rules"]}
    monkeypatch.setenv("DEALGATE_RULE_URL", "no url")
    assert "write a URL that holds {path}" in run(command).output


def test_links_lead_to_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trace id goes where the template says, and without a trace there is no link."""
    monkeypatch.setenv("DEALGATE_TRACE_URL", "https://jaeger.example/trace/{trace_id}")
    assert trace_url("ab" * 16) == f"https://jaeger.example/trace/{'ab' * 16}"
    assert trace_url("") == ""
    monkeypatch.delenv("DEALGATE_TRACE_URL")
    assert trace_url("ab" * 16) == ""
