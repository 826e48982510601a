"""What a check found is remembered: it costs nothing the next time, and is never out of date."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dealgate.cli import checking
from dealgate.desk import cache
from dealgate.desk.verdicts import FILE, Verdicts
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Report
from dealgate.proof.remembered import Memory
from dealgate.rulebook.checking import read_folder
from tests.cli.saying import said
from tests.small import RULES

Edit = Callable[[Path], None]
OTHER = "tables:\n  - id: size\n    hit: unique\n    because: By size.\n"


@pytest.fixture(autouse=True)
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep what is found in a folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv(cache.FOLDER, str(folder))
    cache.store.cache_clear()
    yield folder
    cache.store.cache_clear()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """One small kind, and a draft of it."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES / "score", folder / "score")
    draft = (folder / "score" / "v2.yaml").read_text().replace("version: 2", "version: 3")
    (folder / "score" / "v3.yaml").write_text(draft)
    shutil.copy(folder / "score" / "v2.cases.yaml", folder / "score" / "v3.cases.yaml")
    return folder


def told(rules: Path, *more: str) -> str:
    """Return what check says, with what it knows."""
    cache.store.cache_clear()
    return said("check score", "--rules", str(rules), *more)


def replaced(name: str, before: str, after: str) -> Edit:
    """Return an edit of one file, of the kind unless it says where."""

    def edit(rules: Path) -> None:
        path = rules / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after, 1))

    return edit


def added(name: str, text: str) -> Edit:
    """Return an edit that adds to a file, which need not exist."""

    def edit(rules: Path) -> None:
        with (rules / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def removed(name: str) -> Edit:
    """Return an edit that deletes a file."""
    return lambda rules: (rules / name).unlink()


def renamed(name: str, to: str) -> Edit:
    """Return an edit that renames a file."""

    def edit(rules: Path) -> None:
        (rules / name).rename(rules / to)

    return edit


EDITS: list[Edit] = [
    added("score/v3.yaml", "# a comment\n"),
    replaced("score/v3.yaml", "rules:\n", "# moves all that follows\nrules:\n"),
    replaced("score/v3.yaml", "owner:", "ownr:"),
    replaced("score/v3.yaml", "ownr:", "owner:"),
    added("score/v3.yaml", OTHER),
    added("score/v3.size.csv", "id,lead.company.employees,then.points\nsmall,< 50,1\n"),
    replaced("score/v3.size.csv", "< 50", "> 50"),
    removed("score/v3.size.csv"),
    replaced("score/v3.yaml", OTHER, ""),
    added("score/stray.txt", "x"),
    removed("score/stray.txt"),
    replaced("score/releases.yaml", "because:", "becaus:"),
    replaced("score/releases.yaml", "becaus:", "because:"),
    removed("score/v3.cases.yaml"),
    renamed("score/v3.yaml", "score/v4.yaml"),
]


def test_known_verdicts_are_those_of_a_fresh_check(rules: Path, cached: Path) -> None:
    """After any edit, one after the other, check says what it says without a memory."""
    told(rules)
    for number, edit in enumerate(EDITS):
        edit(rules)
        known = told(rules, "--verbose")
        shutil.rmtree(cached, ignore_errors=True)
        assert told(rules, "--verbose") == known, f"edit {number}"


def test_nothing_is_read_twice(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is printed in every format without a look at a rule."""
    formats = ("text", "json", "github", "sarif")
    first = [told(rules, "--format", format_) for format_ in formats]
    monkeypatch.setattr(checking, "check_kinds", None)
    assert [told(rules, "--format", format_) for format_ in formats] == first


def test_one_edit_costs_one_version(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions of which no file has changed are not proved again."""
    told(rules)
    proved: list[str] = []

    def counted(ruleset: AnyRuleSet, *parts: Any, **more: Any) -> Report:
        proved.append(ruleset.name)
        return analysed(ruleset, *parts, **more)

    monkeypatch.setattr(checking, "analysed", counted)
    added("score/v3.yaml", "# changed\n")(rules)
    told(rules)
    assert proved == ["score@3"]


def test_one_edit_costs_the_rules_that_it_changes(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was proved of other rules of a draft, and cases of other versions, are known."""
    said("check score@3", "--rules", str(rules))
    told(rules)
    fresh: list[int] = []
    read: list[str] = []

    def counted(*parts: Any, **more: Any) -> Report:
        memory = next(part for part in parts if isinstance(part, Memory))
        report = analysed(*parts, **more)
        fresh.append(memory.proved)
        return report

    def noted(*parts: Any, **more: Any) -> Any:
        checked = read_folder(*parts, **more)
        read.extend(file.ruleset.name for file in checked.files)
        return checked

    monkeypatch.setattr(checking, "analysed", counted)
    monkeypatch.setattr(checking, "read_folder", noted)
    added("score/v3.yaml", "# moves nothing\n")(rules)
    cache.store.cache_clear()
    first = said("check score@3", "--rules", str(rules))
    assert "proved" in first
    assert (fresh, read) == ([0], ["score@3"])


def test_cases_of_others_are_not_read_and_their_faults_stay_to_be_told(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered of a version that was asked for alone hides no fault of another."""
    read: list[str] = []

    def noted(*parts: Any, **more: Any) -> Any:
        checked = read_folder(*parts, **more)
        read.extend(file.ruleset.name for file in checked.files)
        return checked

    added("score/v2.cases.yaml", "nonsense: 1\n")(rules)
    with monkeypatch.context() as patched:
        patched.setattr(checking, "read_folder", noted)
        alone = said("check score@3", "--rules", str(rules))
    assert read == ["score@3"]
    cache.store.cache_clear()
    assert said("check score@3", "--rules", str(rules)) == alone
    for selection in ("score", "score@2"):
        cache.store.cache_clear()
        assert "nonsense" in said(f"check {selection}", "--rules", str(rules))


@pytest.mark.parametrize("spoil", [b"", b"dealgate checked expressions 1\nforged"])
def test_a_spoilt_file_costs_time_alone(rules: Path, cached: Path, spoil: bytes) -> None:
    """Whatever stands in the file that was not signed is passed over."""
    first = told(rules)
    (cached / FILE).write_bytes(spoil)
    assert told(rules) == first


def test_what_changed_meanwhile_is_not_remembered(rules: Path) -> None:
    """A verdict on files that were edited during the check is of no files at all."""
    verdicts = Verdicts(rules, "1")
    assert verdicts.of_kind("score") is None
    added("score/v3.yaml", "# edited during the check\n")(rules)
    verdicts.keep({"kind": "score"}, "kind", "score")
    assert Verdicts(rules, "1").of_kind("score") is None


def test_so_is_a_version_that_was_edited_meanwhile(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit between the reading of a file and its proof is told by the next check."""

    def read_and_edited(*parts: Any, **more: Any) -> Any:
        found = read_folder(*parts, **more)
        added("score/v3.yaml", "# edited between reading and proving\nowner: twice\n")(rules)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(checking, "read_folder", read_and_edited)
        assert "exit status" not in told(rules)
    assert "the key 'owner' appears twice" in told(rules)


def test_all_kinds_are_known_after_one_check(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder as a whole is remembered too, and what should not lie in it is told."""
    command = "check", "--rules", str(rules)
    first = said(*command)
    cache.store.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(checking, "check_kinds", None)
        assert said(*command) == first
    added("stray.txt", "x")(rules)
    assert "this file is not one of a rules folder" in said(*command)


def test_other_code_knows_nothing(rules: Path) -> None:
    """What another version of Dealgate found is not believed."""
    verdicts = Verdicts(rules, "1")
    assert verdicts.of_kind("score") is None
    verdicts.keep({"kind": "score"}, "kind", "score")
    assert Verdicts(rules, "1").of_kind("score") == {"kind": "score"}
    assert Verdicts(rules, "2").of_kind("score") is None
