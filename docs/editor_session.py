"""docs/editor-session.md: an editor's session with the language server, recorded.

Usage: python docs/editor_session.py > docs/editor-session.md     (or `make generate`)

Every message is sent to the real server and every answer is its own; a test replays the session
and compares (tests/lsp/test_recorded.py). To show more, add a step to STEPS.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
HEAD = """\
# An editor's session

What an editor and `dealgate lsp` say to each other while somebody writes a rule, as
[JSON-RPC](https://microsoft.github.io/language-server-protocol/): `→` is sent by the editor, `←`
by the server. `make generate` records it anew; long answers are cut (`…`). How to set up an editor
is in [Editor support](editing.md)."""
RULES = """\
ruleset: qualify
version: 1
owner: revenue-operations
because: The first rules.

parameters:
  currency: EUR
  min_completeness: 0
  recycle: {}
  recycle_days: 90
  nurture_days: 30

constants:
  small: 50

rules:
  - id: too-small
    when: lead.company.employes < small
    then: {disposition: nurture, code: FIT-01}
    because: Companies under 50 people rarely reach payback.
"""
MENDED = RULES.replace("employes", "employees")
MASKED = (
    MENDED
    + """\
  - id: tiny
    when: lead.company.employees < 10
    then: {disposition: nurture, code: FIT-01}
    because: Even smaller.
"""
)
CASES = """\
cases:
  - case: a small company
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1, company: {employees: 10}}}
    fired: [too-small]
  - case: a large company
    as_of: 2026-06-01T00:00:00Z
    facts: {lead: {id: L1, company: {employees: 500}}}
    fired: []
"""
URI = "file:///rules/qualify/v1.yaml"  # as it is shown
DOCUMENT = {"uri": URI}
AT_SMALL = {"line": 17, "character": 36}
SHOWN, WIDTH, LINE = 3, 300, 96  # elements of a list, letters of a text and of a line
CAPABILITIES = {
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}


@dataclass(frozen=True)
class Step:
    """What is said, what the editor tells, what it asks; `waits`: until proofs are there."""

    said: str
    asks: Sequence[tuple[str, dict[str, Any]]] = ()
    opens: str = ""
    types: str = ""
    waits: bool = False


PULL = ("textDocument/diagnostic", {"textDocument": DOCUMENT})
STEPS = (
    Step("A file is opened; a fact in it is misspelt. The editor asks what is wrong.",
         opens=RULES, asks=[PULL]),
    Step("The cure is part of the message, and a quick fix.", asks=[(
        "textDocument/codeAction",
        {"textDocument": DOCUMENT, "context": {"diagnostics": []},
         "range": {"start": {"line": 17, "character": 0}, "end": {"line": 17, "character": 60}}},
    )]),
    Step("It is applied. Nothing is wrong any more; the file is formatted already.",
         types=MENDED,
         asks=[PULL, (
             "textDocument/formatting",
             {"textDocument": DOCUMENT, "options": {"tabSize": 2, "insertSpaces": True}},
         )]),
    Step("What a name stands for, and what may follow a point.", asks=[
        ("textDocument/hover", {"textDocument": DOCUMENT, "position": AT_SMALL}),
        ("textDocument/completion",
         {"textDocument": DOCUMENT, "position": {"line": 17, "character": 15}}),
    ]),
    Step("A constant gets a better name, wherever it is used.", asks=[
        ("textDocument/rename",
         {"textDocument": DOCUMENT, "position": AT_SMALL, "newName": "min_employees"}),
    ]),
    Step("A second rule claims what the first one claims already. Faults would be there at once;"
         " what is proved comes when nobody types, and the editor is told to ask again.",
         types=MASKED, waits=True, asks=[PULL]),
)  # fmt: skip


class Server:
    """The real server, over its standard input and output."""

    def __init__(self, home: Path) -> None:
        """`home` holds the rules."""
        self._home = home
        dealgate = Path(sys.executable).with_name("dealgate")
        self._process = subprocess.Popen(  # noqa: S603  # ours
            [dealgate, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._in, self._out = self._process.stdin, self._process.stdout
        self._number = 0
        self._refreshed = False

    def send(self, **message: Any) -> None:
        """Send one message."""
        body = self._real(json.dumps({"jsonrpc": "2.0", **message})).encode()
        if self._in is not None:
            self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self._in.flush()

    def ask(self, method: str, params: object) -> Any:
        """Return the answer to a request."""
        self._number += 1
        self.send(id=self._number, method=method, params=params)
        while True:
            message = self._next()
            if message.get("id") == self._number and "method" not in message:
                return message.get("result", message.get("error"))

    def proved(self) -> None:
        """Wait until the server says that there is something new to ask for."""
        while not self._refreshed:
            self._next()

    def typed(self) -> None:
        """Expect what is said of what was typed now."""
        self._refreshed = False

    def leave(self) -> int:
        """End the session as the protocol asks."""
        self.ask("shutdown", None)
        self.send(method="exit")
        code = self._process.wait(60)
        for pipe in filter(None, (self._in, self._out)):
            pipe.close()
        return code

    def _next(self) -> dict[str, Any]:
        out, length = self._out, 0
        if out is None:
            return {}
        while (line := out.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._shown(out.read(length).decode()))
        if message.get("method") == "workspace/diagnostic/refresh":
            self._refreshed = True
            self.send(id=message["id"], result=None)
        return message

    def _real(self, text: str) -> str:
        return text.replace("file:///rules", (self._home / "rules").as_uri())

    def _shown(self, text: str) -> str:
        return text.replace((self._home / "rules").as_uri(), "file:///rules")


@dataclass
class Session:
    """The session, step by step, as the page shows it."""

    server: Server
    version: int = 0
    lines: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Say who is there."""
        asked = {"processId": None, "rootUri": None, "capabilities": CAPABILITIES}
        offered = self.server.ask("initialize", asked)["capabilities"]
        self.server.send(method="initialized", params={})
        self._say("The editor says that it asks for diagnostics; the server says what it can.")
        self._show("→", "initialize", asked)
        self._show(
            "←", "", sorted(name for name in offered if name.endswith("Provider")), cut=False
        )

    def step(self, step: Step) -> None:
        """Do one step."""
        self._say(step.said)
        if step.opens:
            self._tell("didOpen", languageId="yaml", text=step.opens)
        if step.types:
            self.server.typed()
            self._tell("didChange", changes=step.types)
        if step.waits:
            self.server.proved()
            self._show("←", "workspace/diagnostic/refresh", None)
        for method, params in step.asks:
            answer = self.server.ask(method, params)
            self._show("→", method, params)
            self._show("←", "", answer)

    def _say(self, words: str) -> None:
        self.lines += ["", words, ""]

    def _tell(self, method: str, *, changes: str = "", **more: str) -> None:
        self.version += 1
        params: dict[str, Any] = {"textDocument": {**DOCUMENT, "version": self.version, **more}}
        if changes:
            params["contentChanges"] = [{"text": changes}]
        self.server.send(method=f"textDocument/{method}", params=params)
        self._show("→", f"textDocument/{method}", params)

    def _show(self, who: str, method: str, value: object, *, cut: bool = True) -> None:
        parts = [who, *([method] if method else [])]
        if value is not None or not method:
            parts.append(written(_cut(value) if cut else value))
        self.lines += ["```text", " ".join(parts), "```"]


def _cut(value: object) -> object:
    """Return a value without most of what is long in it."""
    if isinstance(value, dict):
        kept = {key: _cut(each) for key, each in value.items() if key not in {"data", "resultId"}}
        return {key: each for key, each in kept.items() if each is not None}
    if isinstance(value, list):
        more = [f"… {len(value) - SHOWN} more"] if len(value) > SHOWN else []
        return [*(_cut(each) for each in value[:SHOWN]), *more]
    if isinstance(value, str) and len(value) > WIDTH:
        return f"{value[:WIDTH]}…"
    return value


def written(value: object, indent: str = "") -> str:
    """Return JSON; what is short stands on one line."""
    short = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(short) < LINE or not isinstance(value, dict | list) or not value:
        return short
    deeper = f"{indent}  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {written(each, deeper)}" for key, each in value.items()]
    else:
        parts = [written(each, deeper) for each in value]
    begin, end = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{begin}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{end}"


def recorded() -> str:
    """Return the page, by a session with the real server."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "rules" / "qualify"
        folder.mkdir(parents=True)
        (folder / "v1.yaml").write_text(RULES)
        (folder / "v1.cases.yaml").write_text(CASES)
        session = Session(Server(Path(scratch)))
        session.begin()
        for step in STEPS:
            session.step(step)
        session.server.leave()
    return "\n".join([HEAD, *session.lines, ""])


if __name__ == "__main__":
    sys.stdout.write(recorded())
