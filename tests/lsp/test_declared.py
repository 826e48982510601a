"""Kinds that a folder declares, in an editor: kind.yaml itself, and what lies beside it."""

import shutil
from pathlib import Path

import pytest

from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.completion import completions
from dealgate.lsp.files import Texts, file_of
from dealgate.lsp.folder import Folder
from dealgate.lsp.hover import hover
from dealgate.lsp.lenses import lenses
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk

CHECKER = RememberingChecker()
EXAMPLE = Path(__file__).parents[2] / "examples" / "discount"
HERE = "‸"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The discount kind, of which nothing is released."""
    home = Path(shutil.copytree(EXAMPLE, tmp_path / "rules" / "discount"))
    (home / "releases.yaml").unlink()
    return home


def desk(path: Path, text: str, types: Types | None = None) -> Desk:
    """Return a file as an editor has it open."""
    file = file_of(path.as_uri())
    assert file is not None
    return Desk(file, text, Texts({path: text}), types or Types(CHECKER))


def offered(path: Path, old: str, typed: str) -> set[str]:
    """Return what is offered at HERE, with `typed` in place of a part of the file."""
    text = path.read_text()
    assert old in text
    text = text.replace(old, typed, 1)
    index, text = text.index(HERE), text.replace(HERE, "")
    return {item.label for item in completions(desk(path, text), index, Positions(text))}


def told_of(path: Path, word: str) -> str:
    """Return what is shown of a word in a file."""
    text = path.read_text()
    shown = hover(desk(path, text), text.index(word) + 1, Positions(text))
    assert shown is not None
    return str(getattr(shown.contents, "value", shown.contents))


@pytest.mark.parametrize(
    ("kind", "version", "marked", "says"),
    [
        ("qualify", 3, "disposition: disqualified, ‸code: CONS-03", "The reason, for people"),
        ("qualify", 3, "disposition: disqualified, code: ‸CONS-03", "The reason, for people"),
        ("qualify", 3, "then: {‸disposition: disqualified", "The gravest that fires wins"),
        ("qualify", 3, "‸ENG-01: {", "How long a recycled lead is left alone"),
        ("qualify", 3, "‸small: 200", "small: int"),
        ("qualify", 3, "‸is_known: >-", "is_known: bool"),
        ("handoff", 2, "- {‸code: ", "What the milestone is called"),
        ("handoff", 2, "‸stakeholders: ", "In percent; they add up to 100"),
    ],
)
def test_hover_says_what_any_key_is_for(kind: str, version: int, marked: str, says: str) -> None:
    """Between braces, too, and of keys that authors choose; of a value it says what its key is."""
    path = EXAMPLE.parents[1] / "rules" / kind / f"v{version}.yaml"
    text = path.read_text()
    before, _, after = marked.partition(HERE)
    index = text.index(before + after) + len(before) + 1
    shown = hover(desk(path, text), index, Positions(text))
    assert shown is not None
    assert says in str(getattr(shown.contents, "value", shown.contents))


def test_files_of_declared_kinds_are_known(home: Path, tmp_path: Path) -> None:
    """By kind and version; a kind.yaml of other programs is none of ours."""
    sorts = {"kind.yaml": "kind", "v1.yaml": "rules", "v1.cases.yaml": "cases"}
    for name, sort in sorts.items():
        file = file_of((home / name).as_uri())
        assert file is not None
        assert (file.kind, file.sort, file.root) == ("discount", sort, home.parent)
    scope = file_of((home / "emea" / "v1.yaml").as_uri())
    assert scope is not None
    assert scope.subject == "discount/emea@1"
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "kind.yaml").write_text("kind: Cluster\n")
    assert file_of((tmp_path / "cluster" / "kind.yaml").as_uri()) is None


def test_a_declaration_is_checked_while_it_is_typed(home: Path, tmp_path: Path) -> None:
    """Its own faults, and with it open those that it makes in the rules; mended, they are gone."""
    path, folder = home / "kind.yaml", Folder(home.parent, CHECKER, tmp_path)
    text = path.read_text()
    assert folder.told({path: text}, prove=False).told == []
    (told,) = folder.told({path: text.replace("nothing: ", "nothin: ")}, prove=False).told[:1]
    assert told.fault.location.file == "rules/discount/kind.yaml"
    renamed = text.replace("    discount: {type: decimal", "    reduction: {type: decimal", 1)
    files = {each.fault.location.file for each in folder.told({path: renamed}, prove=False).told}
    assert files & {"rules/discount/v1.yaml", "rules/discount/v1.matrix.csv"}
    assert folder.told({path: text}, prove=False).told == []


@pytest.mark.parametrize("name", ["v1.yaml", "v1.matrix.csv", "v1.cases.yaml"])
def test_what_lies_beside_is_checked_while_it_is_typed(
    home: Path, tmp_path: Path, name: str
) -> None:
    """Rules, tables and cases of a declared kind are checked like those of any other."""
    path, folder = home / name, Folder(home.parent, CHECKER, tmp_path)
    text = path.read_text()
    assert folder.told({path: text}, prove=False).told == []
    broken = text.replace("quote", "qoute")
    (told, *_) = folder.told({path: broken}, prove=False).told
    assert told.fault.location.file == f"rules/discount/{name}"
    assert folder.told({path: text}, prove=False).told == []


KIND_PLACES = {
    "keys": ("limits: {quote.lines: 200}", HERE, {"limits"}),
    "types": ("amount: {type: money", f"amount: {{type: {HERE}", {"money", "list(date)"}),
    "keys of a fact": ("amount: {type: money", f"amount: {{{HERE}", {"unit", "required", "absent"}),
    "the word": ("  word: verdict", f"  word: {HERE}", {"verdict"}),
    "its values": ("nothing: hold", f"nothing: {HERE}", {"hold", "approve"}),
    "the id": ("id: quote.id", f"id: {HERE}", {"quote.id"}),
    "lists": ("limits: {quote.lines: 200}", f"limits: {{{HERE}}}", {"quote.lines"}),
    "folds of a type": ("fold: min", f"fold: {HERE}", {"min", "max", "sum", "first"}),
}


@pytest.mark.parametrize("place", KIND_PLACES)
def test_a_declaration_is_completed(home: Path, place: str) -> None:
    """Its keys and types, and the names that it declares itself, where it mentions them."""
    old, typed, expected = KIND_PLACES[place]
    found = offered(home / "kind.yaml", old, typed)
    assert expected <= found
    assert place != "folds of a type" or not found & {"gravest", "collect"}


def test_rules_and_cases_are_completed(home: Path) -> None:
    """With the facts, the words and the fields that kind.yaml declares."""
    rules = (home / "v1.yaml").read_text()
    line = next(line for line in rules.splitlines() if "when: " in line)
    assert {"amount", "lines", "discount"} <= offered(
        home / "v1.yaml", line, f"    when: quote.{HERE}"
    )
    effect = next(line for line in rules.splitlines() if "then: " in line)
    assert {"verdict", "approvers", "reasons"} <= offered(
        home / "v1.yaml", effect, f"    then: {{{HERE}}}"
    )
    facts = next(
        line for line in (home / "v1.cases.yaml").read_text().splitlines() if "facts:" in line
    )
    indent = " " * (len(facts) - len(facts.lstrip()))
    assert "quote" in offered(home / "v1.cases.yaml", facts, f"{indent}facts: {{{HERE}}}")


def test_what_is_declared_is_told(home: Path) -> None:
    """Hover says what a key is for, and of a fact in a rule its reason."""
    assert "The most elements of each list" in told_of(home / "kind.yaml", "limits: ")
    assert "Of the whole; 0.2 is 20 %." in told_of(home / "v1.yaml", "discount > deep")


def test_half_a_declaration_keeps_what_was_known(home: Path) -> None:
    """While kind.yaml is typed in, its rules are completed by what it last said."""
    types, path, rules = Types(CHECKER), home / "kind.yaml", home / "v1.yaml"
    file = file_of(rules.as_uri())
    assert file is not None
    text = rules.read_text()
    for declaration, known in (("facts: [", False), (path.read_text(), True), ("facts: [", True)):
        opened = Desk(file, text, Texts({rules: text, path: declaration}), types)
        assert opened.is_known is known
        if known:
            assert opened.kind.name == "discount"


def test_its_cases_can_be_run(home: Path) -> None:
    """Each has a lens, by the kind's own name."""
    text = (home / "v1.cases.yaml").read_text()
    assert lenses(desk(home / "v1.cases.yaml", text), Positions(text))


def test_allowed_values_of_a_table_are_completed(home: Path) -> None:
    """Its columns, and what their cells say; hovering tells what the list is."""
    rules = home / "v1.yaml"
    table = "tables:\n  - id: tiers\n    hit: unique\n    allowed:\n      ‸\n"
    (home / "v1.tiers.csv").write_text(
        "id,seller.level,when,then.cap\na,senior,quote.is_renewal,0.1\nb,-,-,0.2\n"
    )
    text = rules.read_text().partition("\nrules:")[0]
    rules.write_text(f"{text}\n{table.replace('‸', '')}")
    assert offered(rules, "allowed:\n      ", "allowed:\n      ‸") >= {"seller.level", "then.cap"}
    values = offered(rules, "allowed:\n      ", "allowed:\n      then.cap: [‸]")
    assert values >= {"0.1", "0.2"}
    block = "allowed:\n      seller.level:\n        - ‸\n"
    assert offered(rules, "allowed:\n      ", block) >= {"senior"}
    assert "may name" in told_of(rules, "allowed")
