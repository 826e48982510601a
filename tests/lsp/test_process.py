"""A real editor's session with the real server, over stdio."""

from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.faults import RulebookFaults
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


async def test_folder_with_nothing_open_is_forgotten(editor: Editor, rules: Path) -> None:
    """Whoever closes the last file of a folder is told of nothing in it any more."""
    path = rules / "qualify" / "v2.yaml"
    editor.open(path, path.read_text().replace("lead.company.employees <", "lead.company.emp <", 1))
    await editor.faults(path, 1)
    editor.close_all()
    assert await editor.faults(path, 0) == []


def location(text: str, marked: str) -> tuple[int, int]:
    """Return line and column (all letters being of 16 bits) of the `‸` in `marked`."""
    before, _, behind = marked.partition("‸")
    index = text.index(before + behind) + len(before)
    return text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1


async def labels(editor: Editor, path: Path, text: str, marked: str) -> list[str]:
    """Type `text`, and return what is offered at the mark, in the order an editor shows it."""
    editor.type(path, text)
    found = await editor.at("completion", path, *location(text, marked))
    items = sorted(found["items"], key=lambda item: item.get("sortText") or item["label"])
    return [item["label"] for item in items]


async def test_unsaved_faults_are_those_of_the_check(editor: Editor, rules: Path) -> None:
    """What is told of an unsaved text is what `dealgate check` says once it is saved, and goes."""
    path = rules / "qualify" / "v2.yaml"
    whole = path.read_text()
    broken = whole.replace("relationship.is_export_denied\n", "relationship.is_export_dened\n")
    broken = broken.replace("lead.company.employees <", "lead.company.employes <")
    editor.open(path)
    editor.type(path, broken)
    await editor.faults(path, 2)
    told = {
        (uri.rpartition("/rules/")[2], start["line"] + 1, start["character"] + 1, each["message"])
        for uri, found in editor.diagnostics.items()
        for each in found
        if (start := each["range"]["start"]) and uri.startswith(rules.as_uri())
    }
    editor.type(path, whole)
    assert await editor.faults(path, 0) == []
    path.write_text(broken)
    with pytest.raises(RulebookFaults) as found:
        check_folder(rules, KINDS, expression_checker())
    assert told == {
        (
            f.location.file.removeprefix("rules/"),
            f.location.line,
            f.location.column,
            f"{f.message}\n{f.hint}",
        )
        for f in found.value.faults
    }


async def test_a_fault_in_one_file_may_come_from_another(editor: Editor, rules: Path) -> None:
    """Renaming a rule makes its cases wrong, though nobody has touched or opened them."""
    path, cases = rules / "qualify" / "v2.yaml", rules / "qualify" / "v2.cases.yaml"
    editor.open(path, path.read_text().replace("id: candidate", "id: candidates"))
    told = await editor.faults(cases, 1)
    assert told[0]["message"].endswith("did you mean 'candidates'?")


async def test_a_quick_fix_writes_what_the_hint_says(editor: Editor, rules: Path) -> None:
    """Applied, the fault is gone; columns are right behind letters of 32 bits too."""
    path = rules / "qualify" / "v3.yaml"
    whole = (rules / "qualify" / "v2.yaml").read_text().replace("version: 2", "version: 3")
    text = whole.replace(
        "when: relationship.is_competitor\n",
        'when: relationship.is_competitor && lead.city != "😀😀" && lead.cuntry != "DE"\n',
    )
    (rules / "qualify" / "v3.cases.yaml").write_text(
        (rules / "qualify" / "v2.cases.yaml").read_text()
    )
    editor.open(path, text)
    (told,) = await editor.faults(path, 1)
    line = text.split("\n")[told["range"]["start"]["line"]].encode("utf-16-le")
    span = slice(2 * told["range"]["start"]["character"], 2 * told["range"]["end"]["character"])
    assert line[span].decode("utf-16-le") == "cuntry"
    (action,) = await editor.ask(
        "textDocument/codeAction",
        textDocument={"uri": path.as_uri()},
        range=told["range"],
        context={"diagnostics": [told]},
    )
    (edit,) = action["edit"]["changes"][path.as_uri()]
    assert (edit["newText"], edit["range"]) == ("country", told["range"])
    editor.type(path, text.replace("cuntry", "country"))
    assert await editor.faults(path, 0) == []


@pytest.mark.parametrize("agreed", ["utf-16", "utf-32"])
async def test_columns_are_counted_as_agreed(editor: Editor, rules: Path, agreed: str) -> None:
    """The server takes what the editor prefers, and UTF-16 from one that says nothing."""
    path = rules / "score" / "v2.yaml"
    text = path.read_text() + '  - id: 😀\n    when: lead.city == "😀" && lea\n'
    line = text.split("\n")[-2]
    column = len(line.encode(f"{agreed}-le")) // {"utf-16": 2, "utf-32": 4}[agreed]
    preferring = editing(["utf-32", "utf-16"]) if agreed == "utf-32" else nullcontext(editor)
    async with preferring as other:
        assert other.capabilities["positionEncoding"] == agreed
        other.open(path, text)
        found = await other.at("completion", path, text.count("\n") - 1, column)
    assert "lead" in {item["label"] for item in found["items"]}


async def test_completion_in_expressions(editor: Editor, rules: Path) -> None:
    """Fields by type, the enum that is compared first, names, elements and functions."""
    path = rules / "score" / "v2.yaml"
    whole = path.read_text()

    def with_rule(when: str, each: str = "") -> tuple[str, str]:
        rule = f"\n  - id: new-one\n{each}    when: {when}\n    because: x\n"
        return whole + rule.replace("‸", ""), f"    when: {when}\n    because: x"

    editor.open(path)
    fields = await labels(editor, path, *with_rule("lead.company.‸"))
    assert fields[:3] == ["annual_revenue", "country", "domain"]
    values = await labels(editor, path, *with_rule("lead.seniority in [SENIORITY_VP, S‸"))
    assert values[0].startswith("SENIORITY_")
    assert {"core_markets", "was_ever_active", "as_of", "days_between"} <= set(values)
    each = "    each: {a: activities}\n"
    assert (
        "ACTIVITY_TYPE_DEMO_REQUEST"
        in (await labels(editor, path, *with_rule("a.type == ‸", each)))[:80]
    )
    assert "channel" not in await labels(editor, path, *with_rule("lead.‸"))
    assert "at" in await labels(editor, path, *with_rule("activities.exists(x, x.‸"))
    assert "type" in await labels(editor, path, *with_rule("a.‸", each))
    assert "exists" in await labels(editor, path, *with_rule("activities.‸"))
    assert await labels(editor, path, *with_rule('lead.country == "D‸"')) == []


async def test_completion_of_keys_and_claims(editor: Editor, rules: Path) -> None:
    """Keys that are not there yet, what an effect may say, ids in cases, facts by their fields."""
    path, cases = rules / "qualify" / "v2.yaml", rules / "qualify" / "v2.cases.yaml"
    text, tried = path.read_text(), cases.read_text()
    editor.open(path)
    editor.open(cases)
    new = text + "  - id: new-one\n    \n"
    assert await labels(editor, path, new, "  - id: new-one\n    ‸") == [
        "each",
        "when",
        "then",
        "because",
    ]
    new = text + "  - id: new-one\n    then: {disposition: }\n"
    found = await labels(editor, path, new, "new-one\n    then: {disposition: ‸}")
    assert {"nurture", "hold", "mql"} <= set(found)
    new = tried + "  - case: new\n    base: \n    facts: {lead: {comp}}\n    fired: [to]\n"
    assert "clean" in await labels(editor, cases, new, "case: new\n    base: ‸")
    assert "company" in await labels(editor, cases, new, "facts: {lead: {comp‸}}\n    fired: [to]")
    assert "too-small" in await labels(editor, cases, new, "{comp}}\n    fired: [to‸]")


HOVERED: Mapping[str, list[str]] = {
    "lead.company.empl‸oyees < small": ["employees: int", "How many people work there"],
    "lead.company.employees < sm‸all": ["small: int", "Constant", "200"],
    "&& does_not_an‸swer": ["does_not_answer: bool", "Named fact", "history.attempts"],
    "VERIFICATION_STATUS_INV‸ALID": ["VERIFICATION_STATUS_INVALID: VerificationStatus"],
    "ha‸s(history.recycle_until)": ["has(a.b) -> bool"],
    'money‸("EUR", "5000")': ["money(string, string) -> Money", "exact"],
    "beca‸use: Colleagues": ["The reason, as callers will read it"],
}


async def test_hover_says_what_a_name_is(editor: Editor, rules: Path) -> None:
    """Type and words of the contracts; value, expression or signature of what has one."""
    path = rules / "qualify" / "v2.yaml"
    text = path.read_text() + "  - id: new-one\n    when: a && does_not_answer\n"
    editor.open(path, text)
    for marked, words in HOVERED.items():
        shown = await editor.at("hover", path, *location(text, marked))
        for word in words:
            assert word in shown["contents"]["value"]


async def test_definitions_lead_to_where_a_name_is_made(editor: Editor, rules: Path) -> None:
    """Constants, named facts, rules, fixtures; and facts to their line in the contracts."""
    path, cases = rules / "qualify" / "v2.yaml", rules / "qualify" / "v2.cases.yaml"
    text, tried = path.read_text(), cases.read_text()

    def line_of(location: dict[str, Any]) -> str:
        file = Path(location["uri"].removeprefix("file://"))
        number = int(location["range"]["start"]["line"])
        return file.read_text().split("\n")[number].strip()

    editor.open(path)
    editor.open(cases)
    for file, source, marked, declared in (
        (path, text, "lead.company.employees < sm‸all", "small: 200"),
        (path, text, "was_rejec‸ted || does", "was_rejected: has(history.rejection_code)"),
        (path, text, "lead.company.empl‸oyees < small", "optional int32 employees = 5;"),
        (cases, tried, "fired: [too-sm‸all, not-yet]", "- id: too-small"),
        (cases, tried, "base: cle‸an", "clean:"),
    ):
        found = await editor.at("definition", file, *location(source, marked))
        assert line_of(found).startswith(declared)
    found = await editor.at(
        "references", path, *location(text, "id: too-sm‸all"), context={"includeDeclaration": True}
    )
    assert {Path(each["uri"]).name for each in found} == {"v2.yaml", "v2.cases.yaml"}


async def test_an_outline_lists_the_rules(editor: Editor, with_advance: Path) -> None:
    """Every rule by its id, with its reason beside it."""
    path = with_advance / "advance" / "v1.yaml"
    editor.open(path)
    found = await editor.ask("textDocument/documentSymbol", textDocument={"uri": path.as_uri()})
    listed = {each["name"]: each["detail"] for each in found if each["kind"] == 12}
    assert len(listed) == path.read_text().count("\n  - id: ")
    assert all(listed.values())


async def test_other_files_are_left_alone(editor: Editor, tmp_path: Path) -> None:
    """An editor may send every YAML file it has: no fault is found in a stranger's."""
    path = tmp_path / "compose.yaml"
    editor.open(path, "services: {}\n")
    assert (await editor.at("completion", path, 0, 3))["items"] == []
    assert await editor.at("hover", path, 0, 3) is None


async def test_tables_are_checked_too(editor: Editor, rules: Path) -> None:
    """A cell that says nothing is told at its place, though the table is a CSV."""
    path = rules / "score" / "v3.company-size.csv"
    editor.open(path, path.read_text().replace("< 50", "<< 50"))
    (told,) = await editor.faults(path, 1)
    assert (told["range"]["start"]["line"], told["source"]) == (1, "dealgate")


async def test_what_is_proved_is_shown_too(editor: Editor, rules: Path) -> None:
    """Rules without a fault are proved: one that can never fire is told, as a warning or worse."""
    path = rules / "qualify" / "v9.yaml"
    whole = (rules / "qualify" / "v2.yaml").read_text().replace("version: 2", "version: 9")
    cases = rules / "qualify" / "v2.cases.yaml"
    (rules / "qualify" / "v9.cases.yaml").write_text(cases.read_text())
    never = "when: lead.company.employees < 5 && lead.company.employees > 5"
    rule = f"  - id: never-ever\n    {never}\n    then: {{disposition: hold, code: HOL-99}}\n"
    editor.open(path, f"{whole}{rule}    because: Nobody knows.\n")
    (told,) = await editor.faults(path, 1)
    assert told["severity"] in {1, 2}
    assert "never fire" in told["message"]
