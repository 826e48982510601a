"""Who is stopped by a file that cannot be used: whoever relies on it, and nobody else."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.editions import Outcome
from dealgate.model.errors import NotServed
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.rulebook.checking import read_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.live import LiveCatalog
from dealgate.rulebook.loading import load_usable, usable_kinds
from dealgate.rulebook.source import MAX_BYTES

RULES = """\
ruleset: NAME
version: 1
owner: sales
because: Who must agree.
rules:
  - id: large
    when: WHEN
    then: THEN
    because: Large ones are looked at.
tables:
  - {id: sizes, hit: first, then: THEN, because: By size.}
"""
CASES = "cases:\n  - {case: any, as_of: 2026-01-02T00:00:00Z, facts: {FACTS}, fired: FIRED}\n"
APPROVE = {
    "v1.yaml": RULES.replace("WHEN", "deal.employees > 50").replace("THEN", "{points: 1}"),
    "v1.sizes.csv": "id,deal.employees\nsmall,< 5\n",
    "v1.cases.yaml": CASES.replace("FACTS", "deal: {employees: 60}").replace("FIRED", "[large]"),
}
KIND = """\
kind: NAME
because: May it go out?
entity: {type: quote, id: quote.id}
facts:
  quote:
    id: {type: text, required: true, because: The caller's id.}
    size: {type: int, because: Seats.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [hold, approve], fold: gravest, because: Gravest first.}
unknown: hold
nothing: approve
"""
SCOPE = """\
ruleset: NAME
scope: big
version: 1
narrows: 1
because: Large ones.
applies: quote.size > 7
unknown: base
rules:
  - {id: large, when: quote.size > 9, then: {verdict: hold}, because: Larger ones.}
"""
DECLARED = {
    "kind.yaml": KIND,
    "v1.yaml": RULES.replace("WHEN", "quote.size > 5").replace("THEN", "{verdict: hold}"),
    "v1.sizes.csv": "id,quote.size\nsmall,< 3\n",
    "v1.cases.yaml": CASES.replace("FACTS", "quote: {id: a}").replace("FIRED", "[]"),
    "big/v1.yaml": SCOPE,
}
# What is written in a file's place, or what stands there instead of it.
TEXTS: Mapping[str, Callable[[bytes], bytes]] = {
    "not UTF-8": lambda _: b"a: \xff\n",
    "empty": lambda _: b"",
    "remarks alone": lambda _: b"# nothing yet\n",
    "another sort": lambda before: b"a: {b: c}\n" if before.startswith(b"-") else b"- a\n",
    "cut off": lambda before: before[: len(before) * 2 // 3] + b" [",
    "an unknown key": lambda before: b"surprise: 1\n" + before,
    "NUL": lambda before: before + b"\0",
    "huge": lambda _: b"#" * (MAX_BYTES + 1),
}
PLACES: Mapping[str, Callable[[Path], None]] = {
    "a folder": lambda path: path.mkdir(),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a pipe": os.mkfifo,
}
WAYS = (*TEXTS, *PLACES)
FEWER = [way for way in WAYS if way not in {"remarks alone", "NUL", "another sort"}]
ALL = ("approve", "fee", "mine")  # released, declared and released, declared and a draft
SAYS_NOTHING = ("empty", "remarks alone")
# Who is stopped where: a server that starts, and the check of each kind alone. Whoever is not named
# goes on. Of a server "mine" or "fee@2" is left out, and all others are served.
STOPPED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mine/kind.yaml": ("mine", ("mine",)),
    "mine/v1.yaml": ("mine/big@1 mine@1", ("mine",)),  # what narrows it has no base
    "mine/v1.cases.yaml": ("", ("mine",)),  # a server reads no cases
    "mine/big/v1.yaml": ("mine/big@1", ("mine",)),
    "fee/v2.yaml": ("fee@2", ("fee",)),
    "fee/big/v1.yaml": ("fee/big@1", ("fee",)),
    "fee/v1.cases.yaml": ("", ("fee",)),
    "fee/kind.yaml": ("all", ("fee",)),  # what was released means what it says
    "fee/v1.yaml": ("all", ("fee",)),
    "fee/v1.sizes.csv": ("all", ("fee",)),
    "properties.yaml": ("all", ("approve",)),  # no declared kind reads properties
    "rates.yaml": ("all", ALL),
    "approvals.yaml": ("all", ALL),  # else nobody would have to sign
}
Folder = tuple[Path, Mapping[str, AnyKind]]


@pytest.fixture(scope="module")
def sound(
    tmp_path_factory: pytest.TempPathFactory, approve: AnyKind, checker: CelChecker
) -> Folder:
    """A rules folder with the kinds in ALL; a version of each stands, and of two is released."""
    rules = tmp_path_factory.mktemp("sound") / "rules"
    for kind in ALL:
        for name, text in (APPROVE if kind == "approve" else DECLARED).items():
            path = rules / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("NAME", kind))
    kinds = {"approve": approve}
    found = load_usable(rules, kinds, checker)
    for kind in ALL[:2]:
        digest = found.version(kind, 1).digest
        line = f"from: 2026-01-01, by: ann, because: Agreed., sha256: {digest}"
        (rules / kind / "releases.yaml").write_text(f"- {{version: 1, {line}}}\n")
    return rules, kinds


@pytest.fixture
def folder(sound: Folder, tmp_path: Path) -> Folder:
    """A copy of it."""
    return Path(shutil.copytree(sound[0], tmp_path / "rules")), sound[1]


def spoil(path: Path, way: str) -> None:
    """Let a file be no use in one of the ways."""
    before = path.read_bytes() if path.exists() else b""
    path.unlink(missing_ok=True)
    if way in PLACES:
        PLACES[way](path)
    else:
        path.write_bytes(TEXTS[way](before))


def test_the_folder_is_sound(folder: Folder, checker: CelChecker) -> None:
    """What these tests find comes from what they break."""
    assert served(folder, checker) == ""
    assert read_folder(*folder, checker).faults.all == []


def served(folder: Folder, checker: CelChecker) -> str:
    """Return what a server leaves out that starts on the folder: names, or "all"."""
    try:
        found = load_usable(*folder, checker)
    except RulebookFaults:
        return "all"
    return " ".join(sorted(found.spoiled))


def stopped(folder: Folder, checker: CelChecker) -> list[str]:
    """Return the kinds whose check is stopped, each read alone as that does."""
    checks = {kind: read_folder(*folder, checker, (kind,)) for kind in ALL}
    return [kind for kind, checked in checks.items() if checked.faults.all]


@pytest.mark.parametrize("way", FEWER)
@pytest.mark.parametrize("file", STOPPED)
def test_what_a_server_leaves_out(folder: Folder, checker: CelChecker, file: str, way: str) -> None:
    """A fault stops who relies on the file: nobody on a draft, a server on what is released."""
    spoil(folder[0] / file, way)
    assert served(folder, checker) == STOPPED[file][0]


@pytest.mark.parametrize("way", ["cut off", "a link to itself"])
@pytest.mark.parametrize("file", STOPPED)
def test_whose_check_is_stopped(folder: Folder, checker: CelChecker, file: str, way: str) -> None:
    """The check of one kind passes over what is wrong with others."""
    spoil(folder[0] / file, way)
    assert stopped(folder, checker) == [*STOPPED[file][1]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["mine", "fee"])
def test_releases_that_say_nothing_spoil_their_kind_alone(
    folder: Folder, checker: CelChecker, kind: str, way: str
) -> None:
    """Of a kind without a line nobody can say that it was released; any other text may do so."""
    spoil(folder[0] / kind / "releases.yaml", way)
    assert served(folder, checker) == (kind if way in SAYS_NOTHING else "all")


@pytest.mark.parametrize("way", ["empty", "cut off", "a link to nothing"])
def test_a_server_keeps_a_kind_whose_releases_are_gone(
    folder: Folder, checker: CelChecker, way: str
) -> None:
    """What has decided goes on deciding: a change that takes its releases away is refused."""
    now = nanoseconds("2026-02-01T00:00:00Z") or 0
    live = LiveCatalog(folder[0], lambda: load_usable(*folder, checker), lambda: now, settle=0)
    spoil(folder[0] / "fee" / "releases.yaml", way)
    judged = live._judged("changed")  # what a look finds, without its threads
    assert judged.catalog is None
    assert live.last.outcome is Outcome.TAKEN
    assert live.edition.catalog.at("fee", now).version == 1


def test_who_asks_a_kind_that_is_left_out_learns_why(folder: Folder, checker: CelChecker) -> None:
    """The reason names the place and the command that tells more."""
    spoil(folder[0] / "mine" / "kind.yaml", "cut off")
    found = load_usable(*folder, checker)
    told = r"kind mine has .*mine/kind\.yaml:.*check mine"
    with pytest.raises(NotServed, match=told):
        found.at("mine", 0)
    with pytest.raises(NotServed, match=told):
        found.version("mine", 1)
    assert set(found.served) == {"approve", "fee"}


def test_a_kind_without_rules_yet_stops_nobody(folder: Folder, checker: CelChecker) -> None:
    """An empty folder of a kind, or one with its declaration alone, is the beginning of a draft."""
    for path in sorted((folder[0] / "mine").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (folder[0] / "mine" / "kind.yaml").write_text(KIND.replace("NAME", "mine"))
    assert served(folder, checker) == "mine"


def test_a_server_does_not_start_with_nothing_to_decide(
    folder: Folder, checker: CelChecker
) -> None:
    """Where all that a folder holds is left out, somebody must look at it."""
    for kind in ("approve", "fee"):
        shutil.rmtree(folder[0] / kind)
    spoil(folder[0] / "mine" / "kind.yaml", "cut off")
    assert served(folder, checker) == "all"


def test_a_folder_that_cannot_be_listed_stops_a_server(
    folder: Folder, checker: CelChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what is released in it; others can be checked."""
    iterdir = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path.name == "fee":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert served(folder, checker) == "all"
    assert stopped(folder, checker) == ["fee"]


def test_a_draft_stops_neither_signals_nor_records(folder: Folder) -> None:
    """What is declared by a kind that nobody released is passed over by who reads other things."""
    for kind, faults in (("mine", 0), ("fee", 1)):
        spoil(folder[0] / kind / "kind.yaml", "empty")
        found: list[Fault] = []
        usable_kinds(*folder, found)
        assert len(found) == faults
