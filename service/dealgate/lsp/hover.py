"""What the name under the cursor is."""

import re

from lsprotocol.types import Hover, MarkupContent, MarkupKind

from dealgate.language.reference import AS_OF, functions
from dealgate.lsp.cursor import Spot
from dealgate.lsp.expression import chain_at
from dealgate.lsp.names import NamedItem, shown
from dealgate.lsp.outline import Entry
from dealgate.lsp.positions import Positions
from dealgate.lsp.workspace import Desk, rule_of
from dealgate.model.contracts import comment

WORD = re.compile(r"[\w.-]+")


def hover(desk: Desk, index: int, positions: Positions) -> Hover | None:
    """Return what to show of what stands at `index`."""
    where = desk.spot(index)
    if where is None or desk.file.sort == "other":
        return None
    if desk.speaks(where):
        return _in_expression(desk, where, index, positions)
    entry = entry_at(desk, index)
    text = _key(desk, entry) if entry else _value(desk, where, index) or _inline(desk, where)
    return _hover(text) if text else None


def _key(desk: Desk, entry: Entry) -> str:
    """Return what a key is for; of a constant or a named fact, what it is."""
    name, above = str(entry.path[-1]), entry.path[:-1]
    is_named = desk.file.sort == "rules" and above in {("constants",), ("facts",)}
    thing = desk.names.resolve((name,), "", None) if is_named else None
    return told(name, thing) if thing else desk.shape.description(entry.path)


def _inline(desk: Desk, where: Spot) -> str:
    """Return what a key between braces is for, or the key of a value."""
    if where.role != "key":
        return desk.shape.description(where.path)
    word = WORD.match(desk.text, where.start)
    return desk.shape.description((*where.path, word[0])) if word else ""


def entry_at(desk: Desk, index: int) -> Entry | None:
    """Return the key that stands at `index`."""
    return next((entry for entry in desk.entries if entry.start <= index < entry.end), None)


def thing_at(desk: Desk, where: Spot, index: int) -> tuple[str, NamedItem | None, int, int]:
    """Return the word at `index`, what it is, and the span of the word in the file."""
    start = where.start + (desk.text[where.start : where.start + 1] in {'"', "'"})
    chain = chain_at(desk.text[start:], index - start, whole=True)
    before = desk.text[start:index]
    steps = (*chain.links, chain.word)
    thing = None if chain.called else desk.names.resolve(steps, before, rule_of(where))
    return chain.word, thing, start + chain.start, start + chain.start + len(chain.word)


def _in_expression(desk: Desk, where: Spot, index: int, positions: Positions) -> Hover | None:
    word, thing, start, end = thing_at(desk, where, index)
    text = told(word, thing) if thing else _function(word)
    return (
        Hover(MarkupContent(MarkupKind.Markdown, text), positions.range(start, end))
        if text
        else None
    )


def told(word: str, thing: NamedItem) -> str:
    """Return what a name is, as Markdown."""
    lines = [f"```cel\n{word}: {shown(thing) or '?'}\n```"]
    said = comment(thing.full_name)
    if said and said.text:
        lines.append(said.text)
    if thing.sort in {"constant", "named fact"}:
        lines.append(f"{thing.sort.capitalize()}:\n```cel\n{thing.source}\n```")
    if thing.sort == "element" and thing.source:
        lines.append(f"Each of `{thing.source}`.")
    if thing.sort == "instant":
        lines.append(AS_OF)
    return "\n\n".join(lines)


def _function(word: str) -> str:
    function = functions().get(word)
    if function is None:
        return ""
    signatures = "\n".join(function.signatures)
    return f"```\n{signatures}\n```\n\n{function.text}"


def _value(desk: Desk, where: Spot, index: int) -> str:
    """Return what the enum value at `index` means, in cases."""
    chain = chain_at(desk.text, index, whole=True)
    thing = desk.names.enum_values().get(chain.word) if where.role != "key" else None
    return told(chain.word, thing) if thing else ""


def _hover(text: str) -> Hover:
    return Hover(MarkupContent(MarkupKind.Markdown, text))
