"""An editor that asks for diagnostics gets them, and is told when there are others."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.lsp.editor import PATIENCE, Editor, Refused, editing
from tests.small import RULES

NOT_INITIALIZED = -32002
ASKS = {
    "textDocument": {"diagnostic": {"dynamicRegistration": False}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
GAP = "tables:\n  - {id: size, hit: unique, because: By size.}\n"
ROWS = "id,lead.company.employees,then.disposition,then.code\nsmall,< 50,nurture,SIZE-01\n"


async def asked(editor: Editor, path: Path, known: str | None = None) -> dict[str, object]:
    """Return the answer to a request for a file's diagnostics."""
    document = {"uri": path.as_uri()}
    given = {} if known is None else {"previousResultId": known}
    found: dict[str, object] = await editor.ask(
        "textDocument/diagnostic", textDocument=document, **given
    )
    return found


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """The small kinds, with a draft whose table has a gap."""
    home = tmp_path / "rules" / "qualify"
    shutil.copytree(RULES, home.parent)
    path = home / "v3.yaml"
    path.write_text((home / "v2.yaml").read_text().replace("version: 2", "version: 3") + GAP)
    (home / "v3.size.csv").write_text(ROWS)
    shutil.copy(home / "v2.cases.yaml", home / "v3.cases.yaml")
    return path


async def test_who_asks_is_answered_with_faults_and_told_of_proofs(draft: Path) -> None:
    """Faults come with the answer, proofs with a refresh; what is known is not sent again."""
    path = draft
    async with editing(greet=False) as editor:
        with pytest.raises(Refused) as early:
            await asked(editor, path)
        assert early.value.code == NOT_INITIALIZED
        await editor.greet(capabilities=ASKS)
        assert editor.capabilities["diagnosticProvider"]["interFileDependencies"]

        editor.open(
            path, path.read_text().replace("lead.company.employees <", "lead.company.emp <")
        )
        broken = await asked(editor, path)
        assert [each["code"] for each in broken["items"]] == ["expression-invalid"]  # type: ignore[attr-defined]

        editor.refreshed.clear()
        editor.type(path, path.read_text())
        await asyncio.wait_for(editor.refreshed.wait(), PATIENCE)
        for _ in range(600):
            whole = await asked(editor, path)
            if whole["items"]:
                break
            await asyncio.sleep(0.1)
        assert "table-gap" in {each["code"] for each in whole["items"]}  # type: ignore[attr-defined]
        again = await asked(editor, path, str(whole["resultId"]))
        assert again == {"kind": "unchanged", "resultId": whole["resultId"]}
        assert editor.diagnostics == {}  # nothing is published besides
