"""What the language server does: which question of the protocol is answered by which module."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from dealgate.lsp.completion import completions
from dealgate.lsp.definition import definition, references
from dealgate.lsp.diagnostics import actions
from dealgate.lsp.files import File, file_of
from dealgate.lsp.finding import roots_of, workspace_symbols
from dealgate.lsp.hints import hints, signature_help
from dealgate.lsp.hover import hover
from dealgate.lsp.layout import folds, formatting, formatting_within
from dealgate.lsp.lenses import EXPLAIN, RUN, explain_case, lenses, run_case
from dealgate.lsp.occurrences import highlights
from dealgate.lsp.renaming import renamable, renamed
from dealgate.lsp.server import RuleServer
from dealgate.lsp.symbols import symbols
from dealgate.lsp.tokens import MODIFIERS, TYPES, semantic_tokens

SaidOf = Callable[[File, str], Awaitable[tuple[bool, str]]]


def make_server() -> RuleServer:
    """Return a server that listens to nobody yet."""
    server = RuleServer()
    _follow(server)
    _diagnose(server)
    _answer(server)
    _show(server)
    _lay_out(server)
    _hint(server)
    _run_cases(server)
    _rename(server)
    return server


def _follow(server: RuleServer) -> None:
    """Check what changes."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.check_soon(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def touched(params: lsp.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            server.check_soon(change.uri, anew=True)


def _diagnose(server: RuleServer) -> None:
    """Answer editors that ask for diagnostics, where others are sent them."""
    options = lsp.DiagnosticOptions(
        identifier="dealgate", inter_file_dependencies=True, workspace_diagnostics=False
    )

    @server.feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def diagnosed(params: lsp.DocumentDiagnosticParams) -> lsp.DocumentDiagnosticReport:
        return await server.diagnosed(params.text_document.uri, params.previous_result_id)


def _answer(server: RuleServer) -> None:
    """Answer what editors ask of a place."""

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " ", "{", "["])
    )
    def complete(params: lsp.CompletionParams) -> lsp.CompletionList:
        asked = server.asked(params)
        items = completions(*asked) if asked else []
        return lsp.CompletionList(is_incomplete=False, items=items)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(params: lsp.HoverParams) -> lsp.Hover | None:
        asked = server.asked(params)
        return hover(*asked) if asked else None

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(params: lsp.DefinitionParams) -> lsp.Location | None:
        asked = server.asked(params)
        return definition(asked[0], asked[1], server.encoding) if asked else None

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def referred(params: lsp.ReferenceParams) -> list[lsp.Location]:
        asked = server.asked(params)
        return references(asked[0], asked[1], server.encoding) if asked else []


def _show(server: RuleServer) -> None:
    """Answer what editors ask of a file."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def listed(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        desk = server.desk(params.text_document.uri)
        return [] if desk is None else symbols(desk, server.positions(desk.text))

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix])
    )
    def cured(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        uri = params.text_document.uri
        desk = server.desk(uri)
        if desk is None:
            return []
        return actions(server.faults_in(uri), uri, server.positions(desk.text), params.range)


def _lay_out(server: RuleServer) -> None:
    """Answer how a file looks, and where its names stand."""

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        desk = server.desk(params.text_document.uri)
        return formatting(desk, server.positions(desk.text)) if desk else None

    @server.feature(lsp.TEXT_DOCUMENT_RANGE_FORMATTING)
    def formatted_within(params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit] | None:
        desk = server.desk(params.text_document.uri)
        if desk is None:
            return None
        return formatting_within(desk, server.positions(desk.text), params.range)

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folded(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        desk = server.desk(params.text_document.uri)
        return folds(desk, server.positions(desk.text)) if desk else []

    @server.feature(lsp.WORKSPACE_SYMBOL)
    async def searched(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        workspace, texts = server.workspace, server.texts()
        uris = [workspace.root_uri, *workspace.folders]
        folders = [Path(to_fs_path(uri) or "") for uri in uris if uri]
        roots = roots_of([*texts.opened, *folders])
        return await workspace_symbols(params.query, roots, texts, server.types, server.encoding)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
        asked = server.asked(params)
        return highlights(*asked) if asked else []


def _hint(server: RuleServer) -> None:
    """Show what is not written: types, values, parameters, and what can be done with a case."""

    @server.feature(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        lsp.SemanticTokensLegend([*TYPES], [*MODIFIERS]),
    )
    def coloured(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        desk = server.desk(params.text_document.uri)
        nothing = lsp.SemanticTokens([])
        return semantic_tokens(desk, server.positions(desk.text)) if desk else nothing

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def hinted(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        desk = server.desk(params.text_document.uri)
        return hints(desk, params.range, server.positions(desk.text)) if desk else []

    @server.feature(
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP, lsp.SignatureHelpOptions(trigger_characters=["(", ","])
    )
    def signed(params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        asked = server.asked(params)
        return signature_help(asked[0], asked[1]) if asked else None

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    def lensed(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        desk = server.desk(params.text_document.uri)
        return lenses(desk, server.positions(desk.text)) if desk else []


def _run_cases(server: RuleServer) -> None:
    """Run a case where it stands, or explain it."""

    async def said(said_of: SaidOf, uri: str, name: str) -> str:
        file = file_of(uri)
        if file is None:
            raise JsonRpcInvalidParams(f"'{uri}' is not a file of rules")
        passed, output = await said_of(file, name)
        sort = lsp.MessageType.Info if passed else lsp.MessageType.Error
        server.window_show_message(lsp.ShowMessageParams(sort, output))
        return output

    @server.command(RUN)
    async def run(uri: str, name: str) -> str:
        return await said(run_case, uri, name)

    @server.command(EXPLAIN)
    async def explain(uri: str, name: str) -> str:
        return await said(explain_case, uri, name)


def _rename(server: RuleServer) -> None:
    """Rename what a version's author has named."""

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        asked = server.asked(params)
        return renamable(*asked) if asked else None

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        asked = server.asked(params)
        return renamed(asked[0], asked[1], params.new_name, server.encoding) if asked else None
