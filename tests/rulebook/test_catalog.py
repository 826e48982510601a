"""Which version decides, at any instant, and what is said when none does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.kind import AnyKind
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.loading import load_catalog

RULES = """\
ruleset: approve
version: {version}
owner: sales
because: Floor number {version}.
rules:
  - id: small
    when: deal.employees < 50
    then: {{points: {version}}}
    because: Small deals need no look.
"""
KNOWN = "approve has versions 1, 2, 10; the first release is effective from 2026-01-01T00:00:00Z"

Load = Callable[[], Catalog]


def instant(text: str) -> int:
    """Return the nanoseconds of an instant."""
    found = nanoseconds(text)
    assert found is not None
    return found


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules folder with three versions and no release."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    for version in (1, 2, 10):
        (home / f"v{version}.yaml").write_text(RULES.format(version=version))
    return tmp_path / "rules"


@pytest.fixture
def load(rules: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Load that folder."""
    return lambda: load_catalog(rules, {"approve": approve}, checker)


def release(rules: Path, load: Load, *lines: tuple[int, str]) -> None:
    """Write releases.yaml with the digests of the day."""
    catalog = load()
    text = "".join(
        f"- {{version: {version}, from: {start}, by: ann, because: Agreed., "
        f"sha256: {catalog.version('approve', version).digest}}}\n"
        for version, start in lines
    )
    (rules / "approve" / "releases.yaml").write_text(text)


def test_version_decides_from_its_release_to_the_next(rules: Path, load: Load) -> None:
    """A release begins at its instant, not before, and ends where the next begins."""
    release(rules, load, (1, "2026-01-01"), (10, "2026-03-01T12:00:00Z"))
    catalog = load()
    assert catalog.at("approve", instant("2026-01-01T00:00:00Z")).version == 1
    assert catalog.at("approve", instant("2026-03-01T11:59:59.999999999Z")).version == 1
    assert catalog.at("approve", instant("2026-03-01T12:00:00Z")).version == 10
    assert catalog.at("approve", instant("9999-01-01T00:00:00Z")).version == 10


def test_rolling_back_is_one_more_line(rules: Path, load: Load) -> None:
    """A later line may name an earlier version, which then decides again."""
    release(rules, load, (1, "2026-01-01"), (2, "2026-02-01"), (1, "2026-02-02"))
    catalog = load()
    starts = [instant(f"2026-0{day}T00:00:00Z") for day in ("1-15", "2-01", "2-02")]
    assert [catalog.at("approve", start).version for start in starts] == [1, 2, 1]


def test_draft_is_there_but_never_decides(rules: Path, load: Load) -> None:
    """A version without a line can be named, and is told apart from a released one."""
    release(rules, load, (1, "2026-01-01"))
    catalog = load()
    assert not catalog.is_released(catalog.version("approve", 2))
    assert catalog.is_released(catalog.version("approve", 1))
    assert [ruleset.name for ruleset in catalog.all()] == ["approve@1", "approve@2", "approve@10"]
    assert [release.version for release in catalog.releases("approve")] == [1]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (
            lambda catalog: catalog.at("approve", instant("2025-12-31T23:59:59Z")),
            f"no version of approve decides at 2025-12-31T23:59:59Z: {KNOWN}",
        ),
        (
            lambda catalog: catalog.version("approve", 3),
            f"there is no approve@3: {KNOWN}",
        ),
        (
            lambda catalog: catalog.at("aprove", 0),
            "there are no rules for kind 'aprove', only of: approve",
        ),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    rules: Path, load: Load, ask: Callable[[Catalog], object], told: str
) -> None:
    """A caller who asks for what is not there learns what there is."""
    release(rules, load, (1, "2026-01-01"))
    with pytest.raises(UnknownRuleSet) as refused:
        ask(load())
    assert str(refused.value) == told


def test_kind_without_release_says_so(load: Load) -> None:
    """Where all versions are drafts nothing decides, and the caller is told why."""
    with pytest.raises(UnknownRuleSet) as refused:
        load().at("approve", 0)
    assert str(refused.value).endswith("approve has versions 1, 2, 10 and no release")


def test_comments_in_a_released_file_stay_editable(rules: Path, load: Load) -> None:
    """A seal holds the meaning of a file, not its layout."""
    release(rules, load, (1, "2026-01-01"))
    path = rules / "approve" / "v1.yaml"
    path.write_text("# seen by Ann\n" + path.read_text().replace("{points: 1}", "{ points:  1 }"))
    assert load().at("approve", instant("2026-06-01T00:00:00Z")).version == 1


def test_released_file_that_changed_is_refused_by_name(rules: Path, load: Load) -> None:
    """One changed number in a released file stops the whole folder, and the cure is said."""
    release(rules, load, (1, "2026-01-01"))
    path = rules / "approve" / "v1.yaml"
    path.write_text(path.read_text().replace("50", "51"))
    with pytest.raises(RulebookFaults, match="approve@1 was released and has changed since"):
        load()


def test_released_file_that_cannot_be_read_is_not_called_missing(rules: Path, load: Load) -> None:
    """The file is there; what is wrong with it is said once, at its own place."""
    release(rules, load, (1, "2026-01-01"))
    path = rules / "approve" / "v1.yaml"
    path.write_text(path.read_text().replace("    when", "\twhen"))
    with pytest.raises(RulebookFaults) as refused:
        load()
    assert [fault.message for fault in refused.value.faults] == ["a tab indents this line"]


def test_faults_of_all_files_come_at_once_and_in_order(rules: Path, load: Load) -> None:
    """One look at the list is enough to mend every file."""
    for version in (1, 10):
        path = rules / "approve" / f"v{version}.yaml"
        path.write_text(path.read_text().replace("employees", "employes").replace("points", "pts"))
    (rules / "approve" / "releases.yaml").write_text("- {version: 7, from: 2026-01-01}\n")
    with pytest.raises(RulebookFaults) as refused:
        load()
    locations = [
        str(fault.location).removeprefix("rules/approve/") for fault in refused.value.faults
    ]
    assert locations == [
        *["releases.yaml:1:3"] * 3,
        "releases.yaml:1:13",
        "v1.yaml:7:16",
        "v1.yaml:8:12",
        "v10.yaml:7:16",
        "v10.yaml:8:12",
    ]


def stray(rules: Path) -> None:
    """Lay down one of everything that has no place in a rules folder."""
    (rules / "notes.txt").write_text("")
    (rules / "aprove").mkdir()
    (rules / "approve" / "v3.yml").write_text("")
    (rules / "approve" / "v01.yaml").write_text("")
    (rules / "approve" / "v4.cases.yaml").write_text("")
    (rules / "approve" / ".v1.yaml.swp").write_text("")
    (rules / "README.md").write_text("")
    (rules / "approve" / "README.md").write_text("")


def test_what_does_not_belong_is_named(rules: Path, load: Load) -> None:
    """A file that nothing would read is a fault: it might hold rules somebody counts on."""
    stray(rules)
    with pytest.raises(RulebookFaults) as refused:
        load()
    told = {f"{fault.location.file}: {fault.message}" for fault in refused.value.faults}
    assert told == {
        "rules/notes.txt: this file is not one of a rules folder",
        "rules/aprove: unknown kind 'aprove'",
        "rules/approve/v3.yml: this file does not belong in a rules folder",
        "rules/approve/v01.yaml: this file does not belong in a rules folder",
        "rules/approve/v4.cases.yaml: these cases try v4.yaml, which is missing",
    }


def test_kind_without_rules_is_named(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> None:
    """A kind that nobody wrote rules for is found at load, not by its first caller."""
    (tmp_path / "rules").mkdir()
    with pytest.raises(RulebookFaults, match="there are no rules in this folder"):
        load_catalog(tmp_path / "rules", {"approve": approve}, checker)
    (tmp_path / "rules" / "releases.yaml").touch()
    with pytest.raises(RulebookFaults) as refused:
        load_catalog(tmp_path / "rules", {"approve": approve}, checker)
    assert f"name the folder that it is in, {tmp_path}" in str(refused.value.faults[0].hint)
    (tmp_path / "rules" / "releases.yaml").unlink()
    (tmp_path / "rules" / "approve").mkdir()
    with pytest.raises(RulebookFaults, match="no rule file here"):
        load_catalog(tmp_path / "rules", {"approve": approve}, checker)


def test_folder_that_is_not_there_is_named(
    tmp_path: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """A wrong path is a fault like any other, and no traceback."""
    with pytest.raises(RulebookFaults, match="this folder does not exist"):
        load_catalog(tmp_path / "rulse", {"approve": approve}, checker)


def test_file_that_cannot_be_read_is_named(rules: Path, load: Load) -> None:
    """A folder under a rule file's name is reported, not raised."""
    (rules / "approve" / "v3.yaml").mkdir()
    with pytest.raises(RulebookFaults, match=r"v3\.yaml:1:1: this file cannot be read"):
        load()


def test_faults_of_rules_releases_and_cases_come_together(
    rules: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """One run of the check tells of every file, except the cases of rules that cannot be read."""
    home = rules / "approve"
    for version in (1, 2):
        (home / f"v{version}.cases.yaml").write_text("cases: []\n")
    (home / "v2.yaml").write_text(RULES.format(version=2).replace("employees", "employes"))
    (home / "releases.yaml").write_text("version: 1\n")
    with pytest.raises(RulebookFaults) as refused:
        check_folder(rules, {"approve": approve}, checker)
    assert [
        str(fault.location).removeprefix("rules/approve/") for fault in refused.value.faults
    ] == [
        "releases.yaml:1:1",
        "v1.cases.yaml:1:8",
        "v10.cases.yaml:1:1",
        "v2.yaml:7:16",
    ]
