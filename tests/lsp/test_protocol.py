"""What the protocol asks of every server: an answer to every request, and an end when told."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.editor import PATIENCE, Editor, Refused, editing
from tests.processes import children_of, read

INVALID_PARAMS, METHOD_NOT_FOUND = -32602, -32601
HERE = {"line": 0, "character": 0}


async def refused(editor: Editor, method: str, **params: Any) -> Refused:
    """Return the error that a request is answered with."""
    with pytest.raises(Refused) as error:
        await editor.ask(method, **params)
    return error.value


async def checking(editor: Editor) -> int:
    """Return the process that checks for an editor, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while not (found := checkers_of(editor._process.pid)):  # noqa: ASYNC110  # a process
            await asyncio.sleep(0.05)
    return found[0]


def checkers_of(server: int) -> list[int]:
    """Return the processes of a server that check."""
    commands = {child: read(Path(f"/proc/{child}/cmdline")) for child in children_of(server)}
    return [child for child, command in commands.items() if "dealgate.lsp.child" in command]


async def test_every_request_is_answered_and_exit_waits_for_no_check(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invalid requests are told why; during a check there are answers, and `exit` ends it all.

    The process of the check is stopped, so it would never end by itself; its temporary files are
    gone all the same.
    """
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    path = rules / "qualify" / "v2.yaml"
    document = {"uri": path.as_uri()}
    async with editing() as editor:
        editor.open(path)
        os.kill(await checking(editor), signal.SIGSTOP)
        editor.type(path, path.read_text() + "\n")
        error = await refused(
            editor, "textDocument/completion", textDocument=document, position=HERE, context={}
        )
        assert error.code == INVALID_PARAMS
        assert "textDocument/completion" in str(error)
        for params in ({}, {"textDocument": document}, {"textDocument": 1, "position": "x"}):
            error = await refused(editor, "textDocument/hover", **params)
            assert error.code == INVALID_PARAMS
        assert (await refused(editor, "textDocument/unheardOf")).code == METHOD_NOT_FOUND
        editor.tell("textDocument/didSave", textDocument=None)
        symbols = await editor.ask("textDocument/documentSymbol", textDocument=document)
        assert symbols
        assert list(temporary.iterdir())
    assert list(temporary.iterdir()) == []
