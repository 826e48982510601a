"""Signals in an editor: the faults of `dealgate check`, and what may be written where."""

from pathlib import Path

import pytest

from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.completion import completions
from dealgate.lsp.files import Texts, file_of, uri_of
from dealgate.lsp.folder import Folder
from dealgate.lsp.hover import hover
from dealgate.lsp.layout import formatting
from dealgate.lsp.lenses import lenses
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk
from tests.signals.test_once import KIND

CHECKER = RememberingChecker()
VISITS = """\
signal: visits
owner: tests
because: tests
on: activity
when: activity.type == ACTIVITY_TYPE_PRICING_PAGE
count: {at_least: 1, within: 24h}
"""
CASES = """\
cases:
  - case: one visit
    events:
      - {at: 2026-06-01T15:00:00Z, activity: {type: ACTIVITY_TYPE_PRICING_PAGE}}
    fires: [{at: 2026-06-01T15:00:00Z}]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A signal, with a case."""
    home = tmp_path / "rules" / "signals"
    home.mkdir(parents=True)
    (home / "visits.yaml").write_text(VISITS)
    (home / "visits.cases.yaml").write_text(CASES)
    return home


def desk(path: Path, text: str) -> Desk:
    """Return a file as an editor has it open."""
    file = file_of(uri_of(path))
    assert file is not None
    return Desk(file, text, Texts({path: text}), Types(CHECKER))


def offered(path: Path, typed: str) -> set[str]:
    """Return what may be written at the end of what was typed."""
    return {item.label for item in completions(desk(path, typed), len(typed), Positions(typed))}


def test_what_is_typed_is_checked(home: Path, tmp_path: Path) -> None:
    """Faults of the file and of its cases have their places, and go once they are mended."""
    folder, path, cases = Folder(home.parent, CHECKER, tmp_path), home / "visits.yaml", home
    cases /= "visits.cases.yaml"
    wrong = VISITS.replace("activity.type", "activity.typ")
    assert folder.told({path: VISITS}).told == []
    (told,) = folder.told({path: wrong}).told
    assert str(told.fault.location) == "rules/signals/visits.yaml:5:16"
    assert "did you mean 'type'?" in told.fault.hint
    opened = {path: VISITS, cases: CASES}
    assert folder.told(opened).told == []
    (told,) = folder.told({**opened, cases: CASES.replace("PRICING_PAGE", "PRICING")}).told
    assert told.fault.location.file == "rules/signals/visits.cases.yaml"
    assert folder.told(opened).told == []


def test_only_signals_of_rules_folders_are_known(tmp_path: Path) -> None:
    """Other programs have folders of that name; a rules folder has the schema of rules."""
    path = tmp_path / "app" / "signals" / "alarm.yaml"
    assert file_of(uri_of(path)) is None
    path.parent.mkdir(parents=True)
    (tmp_path / "app" / "schema.json").write_text("{}")
    assert file_of(uri_of(path)) is not None


def test_completion_knows_keys_and_what_conditions_read(home: Path) -> None:
    """Keys of the file and of its cases; in conditions, what the signal is seen in."""
    path, cases = home / "visits.yaml", home / "visits.cases.yaml"
    assert {"when", "cool_down", "absence"} <= offered(path, "signal: visits\n")
    assert {"activity", "score", "process_deal"} & offered(path, "on: ") >= {"activity", "score"}
    assert {"at_least", "within"} == offered(path, "count: {")
    start = "on: activity\nwhen: "
    assert {"activity", "entity", "ACTIVITY_TYPE_REPLY"} <= offered(path, start)
    assert "as_of" not in offered(path, start)
    assert {"type", "url", "count"} <= offered(path, start + "activity.")
    assert {"type", "id"} <= offered(path, start + "entity.")
    assert {"composite", "fit"} <= offered(path, "on: score\ncrossing:\n  of: outcome.")
    (home.parent / "listing").mkdir()
    (home.parent / "listing/kind.yaml").write_text(KIND)
    assert {"grade", "points"} <= offered(path, "on: listing\ncrossing:\n  of: outcome.")
    assert {"events", "fires", "until"} <= offered(cases, "cases:\n  - case: a\n    ")
    typed = "cases:\n  - events:\n      - activity:\n          type: "
    assert "ACTIVITY_TYPE_REPLY" in offered(cases, typed)


def test_hover_layout_and_lenses(home: Path) -> None:
    """What a key is for, the layout of `dealgate fmt`, and a case that can be run."""
    path, cases = home / "visits.yaml", home / "visits.cases.yaml"
    shown = hover(desk(path, VISITS), VISITS.index("owner"), Positions(VISITS))
    assert shown is not None
    assert "Who answers for it" in str(shown.contents)
    untidy = VISITS.replace("owner: tests\n", "") + "owner:   tests\n"
    (edit, *_) = formatting(desk(path, untidy), Positions(untidy)) or []
    assert "owner: tests\n" in edit.new_text
    (lens,) = lenses(desk(cases, CASES), Positions(CASES))
    assert lens.command is not None
    assert (lens.command.title, lens.command.arguments) == (
        "Run this case",
        [uri_of(cases), "one visit"],
    )
    assert desk(cases, CASES).file.subject == "signals/visits"
