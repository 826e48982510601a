"""What editors show and change: layout, folds, symbols, highlights, hints, names, with a server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.checking import read_folder
from tests.lsp.editor import Editor, Refused, editing

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def session() -> AsyncIterator[Editor]:
    """One session for all tests, each of which has a rules folder of its own."""
    async with editing() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def editor(session: Editor) -> AsyncIterator[Editor]:
    """The session, in which nothing is open, before or afterwards."""
    yield session
    session.close_all()


def location(text: str, marked: str) -> dict[str, int]:
    """Return the position (all letters being of 16 bits) of the `‸` in `marked`."""
    before, _, behind = marked.partition("‸")
    index = text.index(before + behind) + len(before)
    start = text.rfind("\n", 0, index) + 1
    return {"line": text.count("\n", 0, index), "character": index - start}


def edited(text: str, edits: list[Any]) -> str:
    """Return the text with the edits made."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def index(position: dict[str, int]) -> int:
        return min(starts[position["line"]] + position["character"], len(text))

    for edit in sorted(edits, key=lambda edit: index(edit["range"]["start"]), reverse=True):
        start, end = (index(edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + edit["newText"] + text[end:]
    return text


async def about(editor: Editor, method: str, path: Path, **more: Any) -> Any:
    """Ask about a file as a whole."""
    return await editor.ask(f"textDocument/{method}", textDocument={"uri": path.as_uri()}, **more)


FORMAT = {"tabSize": 2, "insertSpaces": True}


async def test_formatting_is_that_of_the_command(editor: Editor, rules: Path) -> None:
    """Rules, cases and tables come out as `dealgate fmt` writes them; broken files stay."""
    for name, old, new in (
        ("qualify/v2.yaml", "  - id: too-small\n", "  - id:    too-small\n"),
        ("qualify/v2.cases.yaml", "fired: [too-small, not-yet]", "fired:   [too-small,not-yet]"),
        ("score/v3.market.csv", "core-market,in core_markets", "core-market, in core_markets "),
    ):
        path = rules / name
        whole = path.read_text()
        untidy = whole.replace(old, new, 1)
        assert untidy != whole
        editor.open(path, untidy)
        edits = await about(editor, "formatting", path, options=FORMAT)
        assert edited(untidy, edits) == whole
        assert len(edits[0]["newText"]) < len(whole) / 2
        editor.type(path, whole)
        assert await about(editor, "formatting", path, options=FORMAT) == []
    broken = rules / "qualify" / "v1.yaml"
    editor.open(broken, "rules: [\n")
    assert await about(editor, "formatting", broken, options=FORMAT) is None


async def test_rules_and_comments_fold(editor: Editor, with_advance: Path) -> None:
    """A rule folds from its id to its last line, and what stands before the next is not in it."""
    path = with_advance / "advance" / "v1.yaml"
    editor.open(path)
    lines = path.read_text().split("\n")
    folds = await about(editor, "foldingRange", path)
    parts = {lines[fold["startLine"]].strip(): lines[fold["endLine"]].strip() for fold in folds}
    assert parts["- id: no-account"] == "because: A deal is with a company."
    assert parts["constants:"] == "year: 12"
    assert next(fold for fold in folds if fold.get("kind") == "comment")["startLine"] == 0


async def test_symbols_of_a_workspace_are_found_by_name(editor: Editor, with_advance: Path) -> None:
    """A rule, a constant or a case is found in files that nobody has opened."""
    editor.open(with_advance / "qualify" / "v1.yaml")
    found = await editor.ask("workspace/symbol", query="NO-ACCOUNT")
    assert {(each["name"], each["containerName"]) for each in found} >= {
        ("no-account", "advance@1"),
        ("no-account", "advance@2"),
    }
    assert await editor.ask("workspace/symbol", query="no such symbol") == []


async def test_a_name_is_highlighted_where_it_means_the_same(editor: Editor, rules: Path) -> None:
    """Not in texts, comments or fields that have the same letters."""
    path = rules / "qualify" / "v2.yaml"
    text = path.read_text() + (
        '  - id: new-one\n    # small\n    when: lead.city == "small" || lead.small > small\n'
        "  - id: quoted\n    when: '!small && lead.x != \"small\" && lead.x > small'\n"
    )
    editor.open(path, text)
    place = {"textDocument": {"uri": path.as_uri()}, "position": location(text, "  sm‸all: 200")}
    found = await editor.ask("textDocument/documentHighlight", **place)
    rows = [text.split("\n")[each["range"]["start"]["line"]] for each in found]
    assert rows[0].strip() == "small: 200"
    columns = [each["range"]["start"]["character"] for each in found]
    assert columns[-3:] == [
        rows[-3].rindex("small"),
        rows[-2].index("small"),
        rows[-1].rindex("small"),
    ]
    assert all("#" not in row for row in rows)


async def test_types_and_values_are_shown_between_the_letters(editor: Editor, rules: Path) -> None:
    """A named fact shows its type, a use of a constant its value; only in the lines asked for."""
    path = rules / "qualify" / "v2.yaml"
    text = path.read_text()
    editor.open(path)
    whole = {"start": {"line": 0, "character": 0}, "end": location(text + "‸", text[-20:] + "‸")}
    found = await about(editor, "inlayHint", path, range=whole)
    labels = {(each["position"]["line"], each["label"]) for each in found}
    used, made = location(text, "employees < sm‸all"), location(text, "‸was_rejected: has")
    assert {(used["line"], " = 200"), (made["line"], ": bool")} <= labels
    line = {"start": {**used, "character": 0}, "end": {**used, "character": 200}}
    found = await about(editor, "inlayHint", path, range=line)
    assert [each["label"] for each in found] == [" = 200"]


async def test_a_function_says_what_it_takes(editor: Editor, rules: Path) -> None:
    """The signature that the arguments fit, and which of them is being written."""
    path = rules / "qualify" / "v2.yaml"
    text = path.read_text() + '  - id: new-one\n    when: lead.city.replace("(", lower(lead.city), '
    editor.open(path, text)
    at = location(text, "lower(lead.city), ‸")
    found = await editor.at("signatureHelp", path, at["line"], at["character"])
    chosen = found["signatures"][found["activeSignature"]]
    assert found["activeParameter"] == 2
    assert "replace(string, string, int)" in chosen["label"]
    start, end = chosen["parameters"][2]["label"]
    assert chosen["label"][start:end] == "int"
    at = location(text, 'replace("(", lower(‸')
    found = await editor.at("signatureHelp", path, at["line"], at["character"])
    assert found["signatures"][0]["label"].startswith("lower(")
    assert await editor.at("signatureHelp", path, 0, 0) is None


async def test_a_case_is_run_from_the_editor(editor: Editor, rules: Path) -> None:
    """Each case has a lens whose command the server runs, and tells what came of it."""
    path = rules / "qualify" / "v2.cases.yaml"
    editor.open(path)
    lenses = await about(editor, "codeLens", path)
    assert len(lenses) == 2 * path.read_text().count("\n  - case: ")
    run, explain = (lens["command"] for lens in lenses[:2])
    ran, explained = [
        await editor.ask(
            "workspace/executeCommand", command=each["command"], arguments=each["arguments"]
        )
        for each in (run, explain)
    ]
    assert "1 passed, 0 failed" in ran
    assert "qualify@2" in explained


async def test_a_part_of_a_file_is_formatted(editor: Editor, rules: Path) -> None:
    """Only lines of the selection change, to what they would be in the whole."""
    path = rules / "qualify" / "v3.yaml"
    text = path.read_text()
    spoilt = text.replace("  mql_fit: 40", "  mql_fit:   40").replace(
        "  attempts: 3", "  attempts:  3"
    )
    editor.open(path, spoilt)
    line = spoilt[: spoilt.index("  mql_fit")].count("\n")
    within = {"start": {"line": line, "character": 0}, "end": {"line": line + 1, "character": 0}}
    edits = await about(editor, "rangeFormatting", path, range=within, options=FORMAT)
    assert edited(spoilt, edits) == text.replace("  attempts: 3", "  attempts:  3")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
    edits = await about(editor, "rangeFormatting", path, range=whole, options=FORMAT)
    assert edited(spoilt, edits) == text


async def test_a_rename_reaches_rules_tables_and_cases(editor: Editor, rules: Path) -> None:
    """Afterwards the check finds nothing wrong; texts and comments stay as they are."""
    folder = rules / "score"
    path = folder / "v3.yaml"
    editor.open(path)
    text = path.read_text()
    for marked, new, files in (
        ("  core_mar‸kets: [", "home", {"v3.yaml", "v3.market.csv"}),
        ("  - id: business-mail-‸address", "renamed-rule", {"v3.yaml", "v3.cases.yaml"}),
    ):
        place = {"textDocument": {"uri": path.as_uri()}, "position": location(text, marked)}
        span = await editor.ask("textDocument/prepareRename", **place)
        changes = (await editor.ask("textDocument/rename", newName=new, **place))["changes"]
        assert {Path(uri).name for uri in changes} == files
        assert span in [edit["range"] for edit in changes[path.as_uri()]]
        for uri, edits in changes.items():
            file = folder / Path(uri).name
            file.write_text(edited(file.read_text(), edits))
        text = path.read_text()
        editor.type(path, text)
    checked = read_folder(rules, KINDS, expression_checker(), ("score",))
    assert not checked.faults.all


async def test_what_cannot_be_renamed_says_why(editor: Editor, rules: Path) -> None:
    """Released versions keep their text; a name must be valid and new; facts are not ours."""
    released, draft = rules / "qualify" / "v2.yaml", rules / "score" / "v3.yaml"
    for path, marked, new, why in (
        (released, "  sm‸all: 200", "little", "was released"),
        (draft, "  core_mar‸kets: [", "Home Markets", "not a valid name"),
        (draft, "  core_mar‸kets: [", "near_markets", "is a name already"),
        (draft, "  core_mar‸kets: [", "lead", "is a name already"),
        (draft, "owner: rev‸enue", "anything", "only ids"),
    ):
        editor.open(path)
        position = location(path.read_text(), marked)
        place = {"textDocument": {"uri": path.as_uri()}, "position": position}
        with pytest.raises(Refused, match=why):
            await editor.ask("textDocument/rename", newName=new, **place)


async def test_words_of_conditions_have_their_colours(editor: Editor, rules: Path) -> None:
    """Each is told once, in order, in blocks and in quotes alike; texts and comments as such."""
    path = rules / "qualify" / "v3.yaml"
    text = path.read_text()
    editor.open(path)
    legend = editor.capabilities["semanticTokensProvider"]["legend"]
    data = (await about(editor, "semanticTokens/full", path))["data"]
    lines, found = text.split("\n"), []
    line = character = 0
    for moved, after, length, type_, modifiers in zip(*[iter(data)] * 5, strict=True):
        line, character = line + moved, after if moved else character + after
        word = lines[line][character : character + length]
        found.append((word, legend["tokenTypes"][type_], modifiers))
    assert {
        ("least_budget", "variable", 1),
        ("has_budget", "variable", 0),
        ("lead", "property", 0),
        ("employees", "property", 0),
        ("CONFIRMATION_WRITING", "enumMember", 1),
        ("has", "function", 2),
        ("exists", "function", 2),
        ("x", "parameter", 0),
        ("as_of", "variable", 2),
        ("in", "keyword", 0),
        ('"QUAL-03"', "string", 0),
        ("75", "number", 0),
    } <= {*found}
    assert not {"because", "disposition"} & {word for word, _, _ in found}
