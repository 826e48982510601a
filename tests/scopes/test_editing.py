"""A scope's files in an editor: what is wrong in them, what may be written, and what they try."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.completion import completions
from dealgate.lsp.files import Texts, file_of
from dealgate.lsp.folder import Folder
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault
from tests.scopes.folder import FILES, written

CHECKER = RememberingChecker()
DACH, BASE = "qualify/dach/v1.yaml", "qualify/v1.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules, of which nothing is released."""
    return written(tmp_path, released=False)


def offered(rules: Path, text: str) -> set[str]:
    """Return what completion offers in the scope's file where the text has `‸`."""
    path = rules / DACH
    index = text.index("‸")
    text = text.replace("‸", "")
    file = file_of(path.as_uri())
    assert file is not None
    desk = Desk(file, text, Texts({path: text}), Types(CHECKER))
    return {item.label for item in completions(desk, index, Positions(text, "utf-16"))}


def faults(folder: Folder, opened: Mapping[Path, str]) -> list[Fault]:
    """Return the faults that are told, without what is only warned of."""
    told = folder.told(opened, prove=False).told
    return [each.fault for each in told if each.severity is Severity.FAULT]


def test_the_file_of_a_scope_is_known(rules: Path) -> None:
    """By its kind, its scope and its version, as commands name it; other folders are not."""
    file = file_of((rules / "qualify/dach/v1.cases.yaml").as_uri())
    assert file is not None
    assert (file.root, file.kind, file.scope, file.sort) == (rules, "qualify", "dach", "cases")
    assert file.subject == "qualify/dach@1"
    assert file_of((rules / "qualify/.git/v1.yaml").as_uri()) is None


def test_faults_are_told_while_it_is_typed(rules: Path, tmp_path: Path) -> None:
    """With nothing of the kind's own open; mended, they are gone."""
    folder, path = Folder(rules, CHECKER, tmp_path), rules / DACH
    sound = FILES[DACH]
    assert not faults(folder, {path: sound})
    broken = sound.replace("lead.company.industry ==", "lead.company.industri ==")
    (fault,) = faults(folder, {path: broken})
    assert fault.location.file == f"rules/{DACH}"
    assert "industri" in fault.message
    assert not faults(folder, {path: sound})


def test_what_its_base_takes_away_is_told_in_the_scope(rules: Path, tmp_path: Path) -> None:
    """A rule that the scope removes, and the base has no more."""
    folder = Folder(rules, CHECKER, tmp_path)
    opened = {rules / DACH: FILES[DACH], rules / BASE: FILES[BASE]}
    assert not faults(folder, opened)
    opened[rules / BASE] = FILES[BASE].replace("id: competitor", "id: rival")
    assert f"rules/{DACH}" in {fault.location.file for fault in faults(folder, opened)}


def test_completion_knows_what_is_inherited(rules: Path) -> None:
    """Constants of the base and its own, facts where it applies, and its keys with their words."""
    text = FILES[DACH]
    in_rule = text.replace("when: lead.company.industry ==", "when: le‸ad.company.industry ==")
    assert {"lead", "least", "as_of"} <= offered(rules, in_rule)
    without = in_rule.replace("constants:\n  least: 10\n", "")
    assert "least" in offered(rules, without)
    fields = offered(rules, text.replace("applies: lead.country in", "applies: lead.‸country in"))
    assert {"country", "company"} <= fields
    assert {"applies", "tenant", "remove"} <= offered(rules, "ruleset: qualify\n‸")
    words = offered(rules, text.replace("unknown: base", "unknown: ‸base"))
    assert {"base", "refuse"} <= words
