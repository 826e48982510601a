"""Inlay hints: types of named facts, values of constants; and signatures of calls.

`signature_help` says what the function takes whose arguments are being written.
"""

import re
from dataclasses import dataclass

from lsprotocol.types import (
    InlayHint,
    InlayHintKind,
    ParameterInformation,
    Range,
    SignatureHelp,
    SignatureInformation,
)

from dealgate.language.reference import Function, functions
from dealgate.lsp.expression import TEXTS
from dealgate.lsp.names import NamedItem, shown
from dealgate.lsp.occurrences import Name, occurrences
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk

WIDTH = 30  # a longer value would push the condition out of sight; hovering shows all of it
CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\Z")
ARGUMENTS = re.compile(r"\((.*)\) ->")


def hints(desk: Desk, span: Range, positions: Positions) -> list[InlayHint]:
    """Return the types of named facts and the values of constants within `span`."""
    if desk.file.sort != "rules":
        return []
    first, last = positions.index(span.start), positions.index(span.end)
    shown_hints = []
    for word, thing in desk.names.all(None).items():
        for index, label in _labels(desk, word, thing):
            if first <= index <= last:
                kind = InlayHintKind.Type if thing.sort == "named fact" else None
                hint = InlayHint(positions.position(index), label, kind, tooltip=thing.source)
                shown_hints.append(hint)
    return shown_hints


def _labels(desk: Desk, word: str, thing: NamedItem) -> list[tuple[int, str]]:
    if thing.sort == "named fact" and thing.index is not None and shown(thing):
        return [(thing.index + len(word), f": {shown(thing)}")]
    if thing.sort != "constant":
        return []
    value = " ".join(thing.source.split())
    value = value if len(value) <= WIDTH else value[: WIDTH - 1] + "…"
    uses = occurrences(desk.file.path, desk.text, Name("constant", word, 0))
    return [(use + len(word), f" = {value}") for use in uses if use != thing.index]


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is not closed yet, and how many of its arguments are written."""

    name: str
    written: int


def signature_help(desk: Desk, index: int) -> SignatureHelp | None:
    """Return what the function takes whose arguments are being written at `index`."""
    where = desk.spot(index)
    if where is None or not desk.speaks(where):
        return None
    call = call_in(desk.text[where.start : index])
    known = functions()
    names = [] if call is None else [call.name, call.name.rpartition(".")[2]]
    name = next((name for name in names if name in known), None)
    return None if call is None or name is None else _help(known[name], call.written)


def call_in(before: str) -> Call | None:
    """Return the innermost call that the end of an expression lies in."""
    bare = TEXTS.sub(lambda match: "_" * len(match[0]), before)
    opened: list[tuple[int, int]] = []
    for index, letter in enumerate(bare):
        if letter in "([{":
            opened.append((index, 0))
        elif letter in ")]}" and opened:
            opened.pop()
        elif letter == "," and opened:
            opened[-1] = (opened[-1][0], opened[-1][1] + 1)
    for index, written in reversed(opened):
        name = CALLED.search(bare[:index]) if bare[index] == "(" else None
        if name:
            return Call(name[1], written)
    return None


def _help(function: Function, written: int) -> SignatureHelp:
    signatures = [
        SignatureInformation(text, function.text or None, _parameters(text))
        for text in function.signatures
    ]
    fits = (
        number
        for number, signature in enumerate(signatures)
        if len(signature.parameters or ()) > written
    )
    return SignatureHelp(signatures, next(fits, 0), written)


def _parameters(signature: str) -> list[ParameterInformation]:
    """Return the parts of a signature between its commas, by where they stand in it."""
    match = ARGUMENTS.search(signature)
    if match is None or not match[1]:
        return []
    parts, depth, start = [], 0, match.start(1)
    for index in range(match.start(1), match.end(1)):
        depth += (signature[index] in "({") - (signature[index] in ")}")
        if signature[index] == "," and depth == 0:
            parts.append((start, index))
            start = index + 2
    parts.append((start, match.end(1)))
    return [ParameterInformation(part) for part in parts]
