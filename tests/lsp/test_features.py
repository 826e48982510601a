"""What editors show and change: layout, folds, symbols, highlights, hints, names, with a server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.lsp.editor import Editor, editing

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


async def test_rules_and_comments_fold(editor: Editor, rules: Path) -> None:
    """A rule folds from its id to its last line, and what stands before the next is not in it."""
    path = rules / "advance" / "v1.yaml"
    editor.open(path)
    lines = path.read_text().split("\n")
    folds = await about(editor, "foldingRange", path)
    parts = {lines[fold["startLine"]].strip(): lines[fold["endLine"]].strip() for fold in folds}
    assert parts["- id: no-account"] == "because: A deal is with a company."
    assert parts["constants:"] == "year: 12"
    assert next(fold for fold in folds if fold.get("kind") == "comment")["startLine"] == 0


async def test_symbols_of_a_workspace_are_found_by_name(editor: Editor, rules: Path) -> None:
    """A rule, a constant or a case is found in files that nobody has opened."""
    editor.open(rules / "qualify" / "v1.yaml")
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
    )
    editor.open(path, text)
    place = {"textDocument": {"uri": path.as_uri()}, "position": location(text, "  sm‸all: 200")}
    found = await editor.ask("textDocument/documentHighlight", **place)
    rows = [text.split("\n")[each["range"]["start"]["line"]] for each in found]
    assert len(found) == len({each["range"]["start"]["line"] for each in found})
    assert rows[0].strip() == "small: 200"
    assert rows[-1].strip().endswith("> small")
    assert found[-1]["range"]["start"]["character"] == rows[-1].rindex("small")
    assert all("#" not in row for row in rows)
