"""Changed files are judged with the rest of the folder, which itself never changes."""

import re
from pathlib import Path

import pytest

from dealgate.assemble.changes import judge, release
from dealgate.model.changes import Wanted
from dealgate.model.errors import BadQuestion, NotSound, ReleaseRefused
from dealgate.rulebook.fingerprint import fingerprint
from tests.small import copied


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Small ones, to change."""
    return copied(tmp_path)


@pytest.fixture
def draft(rules: Path) -> dict[str, str]:
    """The first version of qualify as a draft with its cases, by path."""
    home = rules / "qualify"
    text = re.sub(
        r"^version: 1$", "version: 90", (home / "v1.yaml").read_text(), flags=re.MULTILINE
    )
    cases = (home / "v1.cases.yaml").read_text()
    return {"qualify/v90.yaml": text, "qualify/v90.cases.yaml": cases}


def test_a_sound_change(rules: Path, draft: dict[str, str]) -> None:
    """Its cases pass and nothing is found; cases of other versions are not tried."""
    before = fingerprint(rules)
    judged = judge(rules, draft)
    assert judged.sound
    assert {case.ruleset for case in judged.cases} == {"qualify@90"}
    assert fingerprint(rules) == before


def test_faults_come_with_their_places(rules: Path, draft: dict[str, str]) -> None:
    """All of them, wherever they are; then nothing else is said."""
    del draft["qualify/v90.cases.yaml"]
    judged = judge(rules, {**draft, "qualify/v91.yaml": "ruleset: qualify\n"}, ["score/v1.yaml"])
    files = {fault.location.file for fault in judged.faults}
    assert {"rules/qualify/v90.cases.yaml", "rules/qualify/v91.yaml"} <= files
    assert any(file.startswith("rules/score/") for file in files)
    assert not judged.sound
    assert not judged.cases


def test_a_case_that_fails_is_told(rules: Path, draft: dict[str, str]) -> None:
    """What differs, and where."""
    cases = draft["qualify/v90.cases.yaml"]
    draft["qualify/v90.cases.yaml"] = re.sub(r"fired: \[[^\]]+\]", "fired: []", cases, count=1)
    judged = judge(rules, draft)
    (failed,) = [case for case in judged.cases if case.failures]
    assert failed.failures[0].location.file == "rules/qualify/v90.cases.yaml"
    assert not judged.sound


def test_a_rule_that_no_case_sees_fire_stands_in_the_way(
    rules: Path, draft: dict[str, str]
) -> None:
    """As `dealgate test` would say."""
    rule = "  - id: never-seen\n    when: lead.id == 'nobody'\n    then: {disposition: nurture, "
    rule += "code: FIT-01}\n    because: Nobody is like this.\n"
    draft["qualify/v90.yaml"] = (
        draft["qualify/v90.yaml"].rstrip("\n") + "\n" + rule.replace("'", '"')
    )
    judged = judge(rules, draft)
    assert [one for one in judged.findings if "never-seen" in one.message]
    assert not judged.sound


def test_what_may_not_be_released_is_refused(rules: Path, draft: dict[str, str]) -> None:
    """A refusal, an unknown version and faults are told apart; a sound release is its line."""
    for path, text in draft.items():
        (rules / path).write_text(text)
    made = Wanted("qualify", "Agreed.", "ann", 90)
    with pytest.raises(ReleaseRefused, match="qualify"):
        release(rules, Wanted("qualify", "Agreed.", "ann", 99), dry_run=True)
    with pytest.raises(ReleaseRefused, match="give both"):
        release(rules, Wanted("qualify", " ", "ann", 90), dry_run=True)
    assert release(rules, made, dry_run=False).line.version == 90
    (rules / "qualify" / "v90.yaml").write_text("ruleset: [")
    with pytest.raises(NotSound) as refused:
        release(rules, made, dry_run=True)
    assert refused.value.found


@pytest.mark.parametrize(
    ("files", "deleted", "field"),
    [
        ({"qualify": ""}, [], "files"),
        ({"x": "", "x/y": ""}, [], "files"),
        ({}, ["qualify"], "deleted"),
    ],
)
def test_paths_that_cannot_be_files_are_the_callers_to_mend(
    rules: Path, files: dict[str, str], deleted: list[str], field: str
) -> None:
    """A folder's name, or a path below a file, is refused by name: no crash, and no retry."""
    with pytest.raises(BadQuestion) as refused:
        judge(rules, files, deleted)
    assert [one.field for one in refused.value.violations] == [field]
