"""A small editor: it speaks the Language Server Protocol with a real `dealgate lsp` over stdio."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

PATIENCE = 120  # seconds; checks take ten of them where others want the processors, too


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, message: str, code: int) -> None:
        """`code` is one of JSON-RPC or of the Language Server Protocol."""
        super().__init__(message)
        self.code = code


class Editor:
    """Opens files, types, and asks; `diagnostics` has what was told of each file last."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._versions: dict[str, int] = {}
        self.diagnostics: dict[str, list[Any]] = {}
        self._told = asyncio.Event()
        self.refreshed = asyncio.Event()  # there are other diagnostics to ask for
        self.reading = asyncio.create_task(self._read())
        self.capabilities: dict[str, Any] = {}

    async def ask(self, method: str, **params: Any) -> Any:
        """Return the answer to a request, or raise Refused."""
        self._number += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        self._send({"id": self._number, "method": method, "params": params or None})
        return await asyncio.wait_for(answer, PATIENCE)

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    async def greet(
        self, encodings: list[str] | None = None, capabilities: dict[str, Any] | None = None
    ) -> None:
        """Open the session."""
        general = {"positionEncodings": encodings} if encodings else {}
        result = await self.ask(
            "initialize",
            processId=None,
            rootUri=None,
            capabilities={"general": general, **(capabilities or {})},
        )
        self.capabilities = result["capabilities"]
        self.tell("initialized")

    def open(self, path: Path, text: str | None = None) -> None:
        """Open a file, as it is on disk or with another text."""
        uri = path.as_uri()
        self._versions[uri] = 1
        given = path.read_text() if text is None else text
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": given}
        self.tell("textDocument/didOpen", textDocument=document)

    def close_all(self) -> None:
        """Close every file, so that the server has nothing to check any more."""
        for uri in self._versions:
            self.tell("textDocument/didClose", textDocument={"uri": uri})
        self._versions.clear()

    def type(self, path: Path, text: str) -> None:
        """Replace the text of an open file, without saving it."""
        uri = path.as_uri()
        self._versions[uri] += 1
        self.tell(
            "textDocument/didChange",
            textDocument={"uri": uri, "version": self._versions[uri]},
            contentChanges=[{"text": text}],
        )

    async def at(self, method: str, path: Path, line: int, character: int, **more: Any) -> Any:
        """Ask about a place in a file."""
        return await self.ask(
            f"textDocument/{method}",
            textDocument={"uri": path.as_uri()},
            position={"line": line, "character": character},
            **more,
        )

    async def faults(self, path: Path, count: int) -> list[Any]:
        """Wait until `count` diagnostics are shown for a file, and return them."""
        uri = path.as_uri()
        async with asyncio.timeout(PATIENCE):
            while len(self.diagnostics.get(uri, [])) != count or uri not in self.diagnostics:
                self._told.clear()
                await self._told.wait()
        return self.diagnostics[uri]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while True:
            head = await self._process.stdout.readuntil(b"\r\n\r\n")
            length = next(h for h in head.split(b"\r\n") if h.lower().startswith(b"content-length"))
            body = await self._process.stdout.readexactly(int(length.split(b":")[1]))
            self._take(json.loads(body))

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.diagnostics[params["uri"]] = params["diagnostics"]
            self._told.set()
        elif message.get("method") == "workspace/diagnostic/refresh":
            self.refreshed.set()
            self._send({"id": message["id"], "result": None})
        elif "id" in message and "method" not in message:
            waiting = self._waiting.pop(message["id"])
            if "error" in message:
                waiting.set_exception(
                    Refused(message["error"]["message"], message["error"]["code"])
                )
            else:
                waiting.set_result(message["result"])


@asynccontextmanager
async def editing(
    encodings: list[str] | None = None, *, greet: bool = True
) -> AsyncIterator[Editor]:
    """Start the server as an editor does, and stop it as the protocol asks; it must end well."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("dealgate"),
        "lsp",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    editor = Editor(process)
    try:
        if greet:
            await editor.greet(encodings)
        yield editor
        await editor.ask("shutdown")
        editor.tell("exit")
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
        assert process.stderr is not None
        assert (await process.stderr.read()).decode() == ""
    finally:
        editor.reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError):
            await editor.reading
        if process.returncode is None:
            process.kill()
            await process.wait()
