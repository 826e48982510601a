"""The Language Server Protocol: what editors ask, and the faults they are sent."""

import asyncio
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from dealgate import __version__
from dealgate.aside.lasting import Outlived
from dealgate.lsp.beside import Beside
from dealgate.lsp.checking import CheckVerdict, RememberingChecker
from dealgate.lsp.diagnostics import diagnostic
from dealgate.lsp.files import Texts, file_of, uri_of
from dealgate.lsp.names import Types
from dealgate.lsp.positions import Positions
from dealgate.lsp.protocol import RuleProtocol
from dealgate.lsp.workspace import Desk
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault

# Long enough that a word is typed, short enough that nobody waits.
PAUSE = 0.15
# Proofs cost more than a keystroke may: they wait until somebody stops to look.
REST = 0.35
Placed = (
    lsp.CompletionParams
    | lsp.HoverParams
    | lsp.DefinitionParams
    | lsp.ReferenceParams
    | lsp.DocumentHighlightParams
    | lsp.SignatureHelpParams
    | lsp.PrepareRenameParams
    | lsp.RenameParams
)
log = logging.getLogger(__name__)


class RuleServer(LanguageServer):
    """A language server for the files of rules folders."""

    protocol: RuleProtocol

    def __init__(self) -> None:
        # Whole texts: parts are placed by lines, and editors differ on what ends a line.
        whole = lsp.TextDocumentSyncKind.Full
        super().__init__("dealgate", __version__, whole, protocol_cls=RuleProtocol)
        self.protocol.leaving = self._leave
        self.checker = RememberingChecker()
        self.types = Types(self.checker)
        self.told: dict[Path, Mapping[str, Sequence[CheckVerdict]]] = {}
        self._checks: dict[Path, asyncio.Task[None]] = {}
        self._changed: set[Path] = set()  # folders whose files somebody else changed
        self._beside: Beside | None = None
        self._faults_told: dict[Path, asyncio.Event] = {}  # for editors that ask for diagnostics

    @cached_property
    def scratch(self) -> Path:
        """Where folders are mirrored; removed even if the process ends during a check."""
        return Path(tempfile.mkdtemp(prefix="dealgate-lsp-"))

    def _leave(self) -> None:
        if self._beside is not None:
            self._beside.leave()
        if "scratch" in self.__dict__:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def encoding(self) -> str:
        """How the editor counts columns."""
        return str(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16)

    def texts(self) -> Texts:
        """Return what is open, and through it what is on disk."""
        documents = self.workspace.text_documents
        return Texts(
            {Path(to_fs_path(uri) or ""): document.source for uri, document in documents.items()}
        )

    def desk(self, uri: str) -> Desk | None:
        """Return what questions about the file at `uri` are answered from, if anything is known."""
        file = file_of(uri)
        if file is None:
            return None
        texts = self.texts()
        desk = Desk(file, texts.read(file.path), texts, self.types)
        return desk if desk.is_known else None

    def asked(self, params: Placed) -> tuple[Desk, int, Positions] | None:
        """Return the file, the code point and the positions that a question is about."""
        desk = self.desk(params.text_document.uri)
        if desk is None:
            return None
        positions = self.positions(desk.text)
        return desk, positions.index(params.position), positions

    def positions(self, text: str) -> Positions:
        """Return how the editor counts places in `text`."""
        return Positions(text, self.encoding)

    def check_soon(self, uri: str, *, anew: bool = False) -> None:
        """Check the folder of `uri` once nothing was typed for a moment.

        `anew`: somebody else changed a file of it.
        """
        file = file_of(uri)
        if file is None:
            return
        running = self._checks.get(file.root)
        if running is not None:
            running.cancel()
        if anew:
            self._changed.add(file.root)
        self._faults_told.setdefault(file.root, asyncio.Event()).clear()
        self._checks[file.root] = asyncio.get_running_loop().create_task(self._check(file.root))

    def closed(self, uri: str) -> None:
        """Check the folder without what was typed; if nothing in it is open any more, forget it."""
        file = file_of(uri)
        if file is None:
            return
        if any(path.is_relative_to(file.root) for path in self.texts().opened):
            self.check_soon(uri)
            return
        running = self._checks.pop(file.root, None)
        if running is not None:
            running.cancel()
        self._faults_told.pop(file.root, asyncio.Event()).set()
        for told in self.told.pop(file.root, {}):
            self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(told, []))

    async def _check(self, root: Path) -> None:
        """Tell faults as soon as there is a pause, and what is proved after a longer one."""
        try:
            with Outlived(f"checking {root.name}"):
                await self._checked(root)
        finally:
            if self._checks.get(root) is asyncio.current_task():
                self._faults_told[root].set()  # nobody waits for a check that failed

    async def _checked(self, root: Path) -> None:
        await asyncio.sleep(PAUSE)
        self._beside = self._beside or Beside()
        anew = root in self._changed
        self._changed.discard(root)
        for prove in (root not in self.told, True):
            texts = self.texts()
            answer = await self._beside.check(
                root, texts.opened, self.scratch, anew=anew, prove=prove
            )
            if answer is None or answer.told is None:
                return  # outrun: the newer result will be sent
            if answer.whole or self._has_faults(root):
                self._tell(root, texts, answer.told)
            self._faults_told[root].set()
            if answer.whole:
                return
            anew = False
            await asyncio.sleep(REST)

    def _has_faults(self, root: Path) -> bool:
        """Tell whether a fault is shown of a folder."""
        shown = (finding for told in self.told.get(root, {}).values() for finding in told)
        return any(finding.severity is Severity.FAULT for finding in shown)

    def _tell(self, root: Path, texts: Texts, findings: Sequence[CheckVerdict]) -> None:
        told: dict[str, list[CheckVerdict]] = {uri: [] for uri in self.told.get(root, ())}
        for finding in findings:
            told.setdefault(uri_of(root.parent / finding.fault.location.file), []).append(finding)
        before = self.told.get(root, {})
        self.told[root] = {uri: said for uri, said in told.items() if said}
        if not self._pulls:
            for uri in told:
                shown = self._shown(uri, texts)
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown))
        elif before != self.told[root]:
            self.workspace_diagnostic_refresh(None)

    @property
    def _pulls(self) -> bool:
        """Whether the editor asks for diagnostics, and can be notified that there are others."""
        can = self.client_capabilities
        document, workspace = can.text_document, can.workspace
        asks = document is not None and document.diagnostic is not None
        refresh = None if workspace is None else workspace.diagnostics
        return asks and refresh is not None and bool(refresh.refresh_support)

    def _shown(self, uri: str, texts: Texts) -> list[lsp.Diagnostic]:
        positions = self.positions(texts.read(Path(to_fs_path(uri) or "")))
        said = next((told[uri] for told in self.told.values() if uri in told), [])
        return [diagnostic(finding.fault, positions, finding.severity) for finding in said]

    async def diagnosed(self, uri: str, known: str | None) -> lsp.DocumentDiagnosticReport:
        """Return what is wrong with a file: faults as it stands, and what was proved of it last.

        `known` is what the editor has already: if that is all, the answer says so.
        """
        file = file_of(uri)
        if file is None:
            return lsp.RelatedFullDocumentDiagnosticReport([])
        if self._faults_told.get(file.root) is None:
            self.check_soon(uri)
        await self._faults_told[file.root].wait()
        items = self._shown(uri, self.texts())
        version = hashlib.sha256(repr(items).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if version == known:
            return lsp.RelatedUnchangedDocumentDiagnosticReport(version)
        return lsp.RelatedFullDocumentDiagnosticReport(items, result_id=version)

    def faults_in(self, uri: str) -> Sequence[Fault]:
        """Return the faults of that file that were sent last."""
        tolds = (told[uri] for told in self.told.values() if uri in told)
        return [finding.fault for finding in next(tolds, ())]
