"""docs/findings/: what the example of each page says is made by running it, and so is the index.

Usage: python docs/finding_pages.py     (part of `make generate`)

An example gives what matters of its files; what they need besides is added below it, so that
lines keep their numbers.
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dealgate.cases.findings import coverage_of, mutation_of
from dealgate.cli.shown import coded
from dealgate.cli.verdicts import Unread
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.explain.unread import unread
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.codes import ACCEPTABLE, WITH_CONDITION, Code
from dealgate.model.rules import Location
from dealgate.proof.checking import analysed
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.checking import read_folder

PAGES = Path(__file__).parent / "findings"
INDEX = PAGES / "README.md"
FILE = re.compile(r"^`(\S+)`[^\n]*:\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAYS = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
PARAMETERS = {
    "qualify": (
        "{currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}"
    ),
    "advance": (
        "{stages: [{name: Open, probability: 10, forecast_category: pipeline},"
        " {name: Won, probability: 100, forecast_category: closed, closed: won},"
        " {name: Lost, probability: 0, forecast_category: omitted, closed: lost}]}"
    ),
}
RULES = """\
rules:
  - id: too-small
    when: lead.company.employees < 50
    then: {disposition: nurture, code: FIT-01}
    because: Companies under 50 people rarely reach payback.
"""
CASES = """\
cases:
  - case: nothing is known
    as_of: 2026-06-01T00:00:00Z
    fired: []
"""
SECTIONS = {
    "Files": ("file-", "yaml-", "rules-", "properties-", "expression-", "table-invalid", "name-",
              "cost-", "release-", "approvals-", "cases-", "base-", "acceptance-invalid"),
    "Cases": ("case-", "rule-unseen-", "condition-unseen-", "value-unseen", "mutant-",
              "acceptance-stale"),
}  # fmt: skip


class Coded(Protocol):
    """Something found."""

    @property
    def code(self) -> Code:
        """Its stable name."""


@dataclass(frozen=True)
class Page:
    """One code's page."""

    code: Code

    @property
    def path(self) -> Path:
        """Where it lies."""
        return PAGES / f"{self.code}.md"

    @property
    def text(self) -> str:
        """What stands there."""
        return self.path.read_text()

    @property
    def files(self) -> dict[str, str]:
        """The files of its example, by their paths below the rules folder, as it gives them."""
        return {match[1]: match[2] for match in FILE.finditer(self.text)}

    @property
    def meaning(self) -> str:
        """Its first sentence."""
        lines = [line for line in self.text.splitlines() if line]
        return re.split(r"(?<=\.) |: ", lines[1])[0].rstrip(".")

    def found(self) -> Sequence[Coded]:
        """Return what is found in its example."""
        with tempfile.TemporaryDirectory() as scratch:
            return tuple(_found(_written(Path(scratch), self.files)))

    def _shows(self, found: Coded) -> bool:
        """Tell whether it stands in what the reader sees, and not in what was added."""
        location: Location | None = getattr(found, "place", None)
        if location is None:
            return True
        name = location.file.partition("/")[2]
        return location.line <= self.files.get(name, RULES).count("\n") + 1

    def fresh(self) -> str:
        """Return the page with what its example says today."""
        own = [found for found in self.found() if found.code is self.code]
        shown = [found for found in own if self._shows(found)]
        said = coded(shown[0]) if shown else "(nothing)"
        return SAYS.sub(lambda _: f"{said}\n", self.text, count=1)


def _written(scratch: Path, files: dict[str, str]) -> Path:
    """Write the example and what it lacks; return the rules folder."""
    folder = scratch / "rules"
    name = next((path.partition("/")[0] for path in files if "/" in path), "qualify")
    whole = {f"{name}/v1.yaml": RULES, f"{name}/v1.cases.yaml": CASES, **files}
    for path, text in whole.items():
        added = _head(name, text) if path == f"{name}/v1.yaml" else ""
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text + added)
    return folder


def _head(kind: str, text: str) -> str:
    """Return the keys that a rule file needs besides those it has."""
    needed = {
        "ruleset": kind,
        "version": "1",
        "owner": "sales",
        "because": "First version.",
        "parameters": PARAMETERS.get(kind, "{}"),
    }
    lacking = {key: value for key, value in needed.items() if f"\n{key}:" not in f"\n{text}"}
    return "".join(f"{key}: {value}\n" for key, value in lacking.items())


def _found(folder: Path) -> Iterator[Coded]:
    kinds = {path.name: KINDS[path.name] for path in folder.iterdir() if path.is_dir()}
    checked = read_folder(folder, kinds, CelChecker())
    yield from sorted([*checked.faults.all, *checked.faults.warnings])
    for file in checked.files:
        yield from _in_file(folder, file)


def _in_file(folder: Path, file: CaseFile) -> Iterator[Coded]:
    kind = KINDS[file.ruleset.kind]
    report = analysed(file.ruleset, kind, file.cases, file.accepted, beside=file.beside)
    yield from report.findings
    yield from report.unknown
    # As many as stay the same when a contract grows.
    yield Unread(unread(file.ruleset, kind, file.cases)[:2], None)
    for tried in asyncio.run(run_cases(NativeEngine(), [file])):
        yield from tried.failures
    for left_out in (
        coverage_of(folder, kind, file),
        asyncio.run(mutation_of(folder, kind, file)),
    ):
        yield from [finding.fault for finding in left_out.missing]
        yield from left_out.stale


def how_to_accept(code: Code) -> str:
    """Return the last section of a page."""
    if code is Code.MUTANT_SURVIVES:
        entry = "{mutant: rules.too-small.when, from: 50, to: 49, because: …}"
        more = (
            "\n\nWithout `to`, it was left out. Where no case near shows it, the line is printed."
        )
    elif code in WITH_CONDITION:
        entry = f'{{finding: {code}, at: rules.too-small, condition: "…", because: …}}'
        more = "\n\n`dealgate test --format json` gives the whole line as `accept`."
    else:
        sections = {
            "table": "tables.size",
            "lists": "constants.resting",
            "stage": '"stages.Technical Validation"',
        }
        section = sections.get(code.partition("-")[0], "rules.too-small")
        location = "engagement 1" if code is Code.SCORE_UNATTAINABLE else section
        entry, more = f"{{finding: {code}, at: {location}, because: …}}", ""
    if code not in ACCEPTABLE:
        return "It cannot be accepted."
    above = "In the file of the cases, above `cases:`, with the reason:"
    return f"{above}\n\n```yaml\naccepted:\n  - {entry}\n```{more}"


def index() -> str:
    """Return the index of all pages."""
    lines = [
        "# Findings",
        "",
        "What `dealgate check`, `dealgate test`, the editor and `RuleService.CheckRuleSet` find",
        "carries a code in brackets. Codes never change their meaning; messages may be reworded.",
        "Each page has an example that a test runs. This index is generated (`make generate`).",
    ]
    for title, codes in _sections().items():
        lines += ["", f"## {title}", "", "| code | says | accepted |", "| --- | --- | --- |"]
        for code in codes:
            accepted = "yes" if code in ACCEPTABLE else ""
            lines.append(f"| [`{code}`]({code}.md) | {Page(code).meaning} | {accepted} |")
    return "\n".join(lines) + "\n"


def _sections() -> dict[str, list[Code]]:
    files = [code for code in Code if code.startswith(SECTIONS["Files"])]
    cases = [code for code in Code if code.startswith(SECTIONS["Cases"]) and code not in files]
    proofs = [code for code in Code if code not in {*files, *cases}]
    return {"Files": files, "Proofs": proofs, "Cases": cases}


def main() -> None:
    """Write all pages and the index anew."""
    for code in Code:
        page = Page(code)
        page.path.write_text(page.fresh())
    INDEX.write_text(index())


if __name__ == "__main__":
    main()
