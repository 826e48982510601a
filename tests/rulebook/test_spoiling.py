"""What a fault spoils: a draft's faults that draft, and never what is released."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.codes import Code
from dealgate.model.editions import Outcome
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.kind import AnyKind
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checking import Checked, read_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.live import LiveCatalog
from dealgate.rulebook.loading import load_catalog, load_usable

RULES = """\
ruleset: approve
version: {version}
owner: sales
because: Floor number {version}.
rules:
  - id: small
    when: deal.employees < 50
    then: {points: {version}}
    because: Small deals need no look.
"""
UNUSED = RULES.replace("rules:\n", "constants:\n  never_used: 7\nrules:\n")
# Everything that can be wrong with a draft: each stops nothing else.
BROKEN = {
    "a misspelt field": RULES.replace("employees", "employes"),
    "no YAML": "ruleset: [",
    "an unknown key": RULES + "surprise: 1\n",
    "a missing table": RULES + "tables:\n  - {id: market, hit: first, because: Later.}\n",
    "an unknown effect": RULES.replace("points", "pionts"),
    "bytes that are not text": "\0",
    "nothing": "",
    "another version's number": RULES.replace("version: {version}", "version: 7"),
}
JANUARY = nanoseconds("2026-01-02T00:00:00Z")
SCRATCH = (
    "v2.yaml~", "~$v3.market.csv", "v1.yaml.orig", "v1.yaml.bak", "v1.cases.yaml.tmp", "#v1.yaml#",
    ".v1.yaml.swp", "v1.yaml.swp", ".~lock.v1.market.csv#", "v1.yaml.rej", "4913", "Thumbs.db",
    "v1.yaml.mine", "v1.yaml.r27", "v1_BASE_4711.yaml", "v1.yaml___jb_tmp___", "desktop.ini",
    "v1.yaml.tmp4711", "v1.yaml.bkp", "v1.yaml.filepart", "v1.yaml.kate-swp", "v1.yaml.dpkg-old",
    "v1.sync-conflict-20260101-120000-ABCDEFG.yaml", "v1 (Ann's conflicted copy 2026-01-01).yaml",
)  # fmt: skip

Read = Callable[[], Catalog]


@pytest.fixture
def rules(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> Path:
    """A rules folder whose version 1 is released."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(RULES.replace("{version}", "1"))
    digest = load_catalog(home.parent, {"approve": approve}, checker).version("approve", 1).digest
    (home / "releases.yaml").write_text(
        f"- {{version: 1, from: 2026-01-01, by: ann, because: Agreed., sha256: {digest}}}\n"
    )
    return tmp_path / "rules"


@pytest.fixture
def usable(rules: Path, approve: AnyKind, checker: CelChecker) -> Read:
    """Read the folder as a server does."""
    return lambda: load_usable(rules, {"approve": approve}, checker)


@pytest.fixture
def checked(rules: Path, approve: AnyKind, checker: CelChecker) -> Callable[[], Checked]:
    """Read the folder as `dealgate check` does."""
    return lambda: read_folder(rules, {"approve": approve}, checker)


def write(rules: Path, version: int, text: str) -> None:
    """Write a version."""
    (rules / "approve" / f"v{version}.yaml").write_text(text.replace("{version}", str(version)))


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_draft_spoils_itself_alone(rules: Path, usable: Read, wrong: str) -> None:
    """What is released decides, other drafts can be tried, and who names it learns why not."""
    write(rules, 2, BROKEN[wrong])
    write(rules, 3, RULES)
    catalog = usable()
    assert JANUARY is not None
    assert catalog.at("approve", JANUARY).version == 1
    assert catalog.version("approve", 3).name == "approve@3"
    assert [ruleset.version for ruleset in catalog.all()] == [1, 3]
    with pytest.raises(UnknownRuleSet, match=r"the draft approve@2 has \d faults? .* check appr"):
        catalog.version("approve", 2)
    assert set(catalog.spoiled) == {"approve@2"}


def test_a_broken_released_version_spoils_all(rules: Path, usable: Read) -> None:
    """What decides must be what was released: its text is sealed."""
    write(rules, 1, BROKEN["a misspelt field"])
    with pytest.raises(RulebookFaults, match="employes"):
        usable()


def test_the_releases_spoil_all(rules: Path, usable: Read) -> None:
    """Which version decides is not a draft's matter."""
    (rules / "approve" / "releases.yaml").write_text("- {version: 9}\n")
    with pytest.raises(RulebookFaults):
        usable()


def test_check_tells_everything(rules: Path, approve: AnyKind, checker: CelChecker) -> None:
    """An author who checks learns of every draft's faults at once."""
    write(rules, 2, BROKEN["a misspelt field"])
    write(rules, 3, BROKEN["an unknown key"])
    with pytest.raises(RulebookFaults) as told:
        load_catalog(rules, {"approve": approve}, checker)
    files = {fault.location.file for fault in told.value.faults}
    assert files == {"rules/approve/v2.yaml", "rules/approve/v3.yaml"}


@pytest.mark.parametrize("released", [True, False])
def test_an_unused_name_is_a_warning(
    rules: Path, usable: Read, checked: Callable[[], Checked], *, released: bool
) -> None:
    """A rule set with a constant that nothing mentions decides as it says: it can be used."""
    write(rules, 2, UNUSED)
    if released:
        (rules / "approve" / "releases.yaml").unlink()
    assert usable().version("approve", 2).version == 2
    (warning,) = checked().faults.warnings
    assert warning.code is Code.NAME_UNUSED


def test_a_misspelt_use_does_not_make_a_name_unused(
    rules: Path, checked: Callable[[], Checked]
) -> None:
    """The cure of the one fault is not to delete the constant that was meant."""
    text = UNUSED.replace("< 50", "< never_usd")
    write(rules, 2, text)
    faults = checked().faults
    assert [fault.code for fault in faults.all if "v2.yaml" in fault.location.file] == [
        Code.EXPRESSION_INVALID
    ]
    assert faults.warnings == []


def test_cases_that_cannot_be_read_spoil_their_version_alone(
    rules: Path, checked: Callable[[], Checked]
) -> None:
    """Cases decide nothing: a released version without readable ones still decides."""
    (rules / "approve" / "v1.cases.yaml").write_text("cases: [")
    faults = checked().faults
    assert faults.fatal == []
    assert set(faults.spoiled) == {"approve@1"}
    assert [ruleset.version for ruleset in checked().catalog.all()] == [1]


@pytest.mark.parametrize("name", SCRATCH)
def test_what_editors_leave_is_passed_over(
    rules: Path, approve: AnyKind, checker: CelChecker, name: str
) -> None:
    """A backup, lock, swap or merge file is no rule file, and changes nothing that decides."""
    before = fingerprint(rules)
    for folder in (rules, rules / "approve"):
        (folder / name).write_text("whatever")
    load_catalog(rules, {"approve": approve}, checker)
    assert fingerprint(rules) == before


def test_a_stray_file_is_told_and_stops_nothing(
    rules: Path, usable: Read, approve: AnyKind, checker: CelChecker
) -> None:
    """A file that does not belong in the folder is a fault of the check, and stops no server."""
    (rules / "approve" / "notes.txt").write_text("Call Bob.")
    assert [fault.location.file for fault in usable().strays] == ["rules/approve/notes.txt"]
    with pytest.raises(RulebookFaults, match=r"notes\.txt"):
        load_catalog(rules, {"approve": approve}, checker)


async def test_a_server_takes_a_change_whose_draft_is_broken(rules: Path, usable: Read) -> None:
    """The rest of the change decides; what was left out is told, and is no refusal."""
    live = LiveCatalog(rules, usable, lambda: JANUARY or 0, settle=0.01)
    assert live.last.faults == ()
    write(rules, 2, RULES)
    write(rules, 3, BROKEN["a misspelt field"])
    reload = await live.reload()
    assert reload.outcome is Outcome.TAKEN
    assert [fault.location.file for fault in reload.faults] == ["rules/approve/v3.yaml"]
    assert live.edition.catalog.version("approve", 2).version == 2
