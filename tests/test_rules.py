"""The rule sets we ship: they load, and what is generated from them is fresh.

That their cases hold is for `dealgate test` to say, in `make rules`.
"""

import asyncio
import re
from pathlib import Path

import pytest

from dealgate.desk.handbook import handbook
from dealgate.desk.schema import schema_files
from dealgate.desk.trials import run_cases
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.loading import load_catalog
from tests.shipped import ENGINE, RULES, cases, catalog, rulesets


def test_every_kind_has_two_versions_and_a_release() -> None:
    """Each kind can show what a new version changes, and one of its versions decides."""
    for kind in KINDS:
        assert len(rulesets(kind)) >= 2
        assert catalog().releases(kind)


def test_schemas_are_fresh() -> None:
    """Editors check rules, cases and releases against the shapes of today: `make generate`."""
    written = schema_files(KINDS)
    assert {name: (RULES / name).read_text() for name in written} == written


def test_the_page_of_the_rules_is_fresh() -> None:
    """docs/rules.md says what the rules say today: `make generate`."""
    files = [file for kind in sorted(KINDS) for file in cases(kind)]
    assert (RULES.parent / "docs" / "rules.md").read_text() == handbook(catalog(), files)


SCHEMAS = {"v?.yaml": "../schema.json", "v?.cases.yaml": "cases.schema.json"}
NAMING = [(path, schema) for glob, schema in SCHEMAS.items() for path in RULES.glob(f"*/{glob}")]
NAMING += [(path, "../releases.schema.json") for path in RULES.glob("*/releases.yaml")]
NAMING += [
    (path, f"../signal{'-cases' * path.name.endswith('.cases.yaml')}.schema.json")
    for path in RULES.glob("signals/*.yaml")
]


@pytest.mark.parametrize(("path", "schema"), sorted(NAMING), ids=lambda part: str(part)[-24:])
def test_editors_are_told_of_the_schema(path: Path, schema: str) -> None:
    """Every file names its schema on its first line, and the schema is there."""
    first = path.read_text().split("\n", 1)[0]
    assert first == f"# yaml-language-server: $schema={schema}"
    assert (path.parent / schema).exists()


def test_readme_shows_what_works(tmp_path: Path) -> None:
    """The rules, cases and release on the authors' page are read without a fault, and hold."""
    rules, tables, _narrowed, telling, cases, *_, release, trial = _examples("yaml")
    table, band, effort, _ = _examples("csv")
    shipped = (RULES / "qualify" / "v2.yaml").read_text()
    parameters = re.search(r"^parameters:.*\n(?:[ #].*\n|\n)+", shipped, re.MULTILINE)
    assert parameters is not None
    rules = re.sub(r"^parameters: ….*\n", lambda _: parameters[0], rules, flags=re.MULTILINE)
    home = tmp_path / "rules" / "qualify"
    home.mkdir(parents=True)
    (home / "v3.yaml").write_text(rules + tables)
    (home / "v3.market.csv").write_text(table)
    (home / "v3.cases.yaml").write_text(cases)
    kinds = {"qualify": KINDS["qualify"]}
    shown = load_catalog(home.parent, kinds, CelChecker())
    (home / "releases.yaml").write_text(release.replace("…", shown.all()[0].digest))
    released = load_catalog(home.parent, kinds, CelChecker())
    files = load_cases(home.parent, kinds, released.all())
    tried = asyncio.run(run_cases(ENGINE, files))
    assert released.is_released(released.version("qualify", 3))
    assert [report.passed for report in tried[:2]] == [True, True]
    (home / "v4.yaml").write_text((rules + tables).replace("version: 3", "version: 4"))
    (home / "v4.market.csv").write_text(table)
    newest = load_catalog(home.parent, kinds, CelChecker()).version("qualify", 4)
    digests = iter((shown.all()[0].digest, newest.digest))
    (home / "releases.yaml").write_text(re.sub("…", lambda _: next(digests), trial))
    beside = load_catalog(home.parent, kinds, CelChecker()).challenger("qualify", 2**63 * 4)
    assert beside is not None
    assert (beside.version, beside.currency, beside.cap) == (4, "EUR", 5_000_000)
    chained = (rules + tables + telling.removeprefix("tables:\n")).replace(
        "version: 3", "version: 5"
    )
    (home / "v5.yaml").write_text(chained)
    for name, sheet in (("market", table), ("band", band), ("effort", effort)):
        (home / f"v5.{name}.csv").write_text(sheet)
    facts = load_catalog(home.parent, kinds, CelChecker()).version("qualify", 5).facts
    assert {facts["band"].type, facts["effort"].type} == {"string", "int"}


def _examples(language: str) -> list[str]:
    text = (RULES / "README.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
