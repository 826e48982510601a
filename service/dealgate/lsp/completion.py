"""What may be written at the cursor."""

from collections.abc import Iterator, Mapping

from lsprotocol.types import (
    CompletionItem,
    CompletionItemKind,
    MarkupContent,
    MarkupKind,
    Range,
    TextEdit,
)

from dealgate.desk.layout.orders import order_of
from dealgate.language.reference import Function, functions
from dealgate.lsp.cursor import WORD, Spot
from dealgate.lsp.expression import Chain, chain_at, compared, in_text
from dealgate.lsp.kind_words import keys_of_kind, words_of_kind
from dealgate.lsp.names import NamedItem, fields_of, shown
from dealgate.lsp.positions import Positions
from dealgate.lsp.table_words import columns_of, values_of
from dealgate.lsp.workspace import Desk, children, rule_ids, rule_of
from dealgate.model.contracts import comment
from dealgate.rulebook.case_reader import ERRORS
from dealgate.rulebook.kind_folder import RULES

KINDS = {
    "fact": CompletionItemKind.Field,
    "constant": CompletionItemKind.Constant,
    "named fact": CompletionItemKind.Variable,
    "element": CompletionItemKind.Variable,
    "enum value": CompletionItemKind.EnumMember,
    "instant": CompletionItemKind.Variable,
}
# What comes first in an editor's list, which sorts by text.
FIRST, NAMES, FACTS, OTHERS, LAST = "0", "1", "2", "3", "4"


def completions(desk: Desk, index: int, positions: Positions) -> list[CompletionItem]:
    """Return what may be written at `index`."""
    where = desk.spot(index)
    if where is None:
        return []
    if desk.speaks(where):
        return list(_in_expression(desk, where, index))
    word = WORD.search(desk.text[where.start : index])
    start = where.start + (word.start() if word else 0)
    edited = positions.range(start, index)
    return list(_in_yaml(desk, where, edited))


def _in_expression(desk: Desk, where: Spot, index: int) -> Iterator[CompletionItem]:
    before = desk.text[where.start : index]
    before = before[1:] if before[:1] in {'"', "'"} else before
    if in_text(before):
        return
    chain = chain_at(before, len(before))
    rule = rule_of(where)
    if chain.links or chain.called:
        yield from _after_point(desk, chain, before, rule)
        return
    facts = not where.below("constants")
    wanted = desk.names.resolve(compared(before), before, rule)
    enum = wanted.enum if wanted else None
    for name, thing in (desk.names.enum_values() if facts else {}).items():
        yield _named(name, thing, FIRST if thing.enum is enum else LAST)
    for name, thing in desk.names.all(rule, facts=facts).items():
        yield _named(name, thing, FACTS if thing.sort == "fact" else NAMES)
    yield from (
        _function(function, OTHERS) for function in functions().values() if not function.is_method
    )


def _after_point(
    desk: Desk, chain: Chain, before: str, rule: int | None
) -> Iterator[CompletionItem]:
    thing = desk.names.resolve(chain.links, before, rule) if chain.links else None
    for name, field in (fields_of(thing.type) if thing else {}).items():
        yield _named(name, field, FIRST)
    type_ = thing.type.partition("(")[0] if thing else ""
    methods = (
        function
        for function in functions().values()
        if any("." in s.partition("(")[0] for s in function.signatures)
    )
    for method in methods:
        if not type_ or any(s.startswith(f"{type_}.") for s in method.signatures):
            yield _function(method, OTHERS)


def _in_yaml(desk: Desk, where: Spot, edited: Range) -> Iterator[CompletionItem]:
    if desk.file.sort == "other":
        return
    values = _references(desk, where) if where.role != "key" else None
    if values is not None:
        for word in values:
            yield _word(word, edited, CompletionItemKind.Reference)
        return
    if where.role in {"key", "item"}:
        yield from _keys(desk, where, edited)
        named = keys_of_kind(desk.text, where) if desk.file.sort == "kind" else ()
        for word in named or columns_of(desk, where):
            yield _word(word, edited, CompletionItemKind.Property, f"{word}: ")
    if where.role in {"value", "item"}:
        for word in (*desk.shape.values(where.path), *values_of(desk, where)):
            yield _word(word, edited, CompletionItemKind.EnumMember)


def _keys(desk: Desk, where: Spot, edited: Range) -> Iterator[CompletionItem]:
    present = children(desk.entries, *where.path) if where.role == "key" else {}
    order = order_of(desk.file.sort, where.path)
    for name, text in desk.shape.keys(where.path).items():
        if name not in present:
            item = _word(name, edited, CompletionItemKind.Property, f"{name}: ")
            number = order.index(name) if name in order else len(order)
            item.documentation, item.sort_text = text or None, f"{number:02d}{name}"
            yield item


def _references(desk: Desk, where: Spot) -> tuple[str, ...] | None:
    """Return the names in other places that belong here; None if none do."""
    last = where.path[-1] if where.path else ""
    name = where.path[-2] if isinstance(last, int) and len(where.path) > 1 else last
    if desk.file.sort == "cases" and where.below("cases", None):
        lists: Mapping[str, tuple[str, ...]] = {
            **dict.fromkeys(("fired", "undecided", "failed"), tuple(rule_ids(desk.rules_text()))),
            "base": tuple(children(desk.entries, "base")),
            "error": tuple(sorted(ERRORS)),
        }
        return lists.get(str(name)) if len(where.path) <= 4 else None
    if desk.file.sort == "kind":
        return words_of_kind(desk.text, where)
    if desk.file.sort == "releases" and name == "version":
        siblings = desk.file.path.parent.glob("v*.yaml")
        numbers = (match[1] for path in siblings if (match := RULES.fullmatch(path.name)))
        return tuple(sorted(numbers, key=int))
    return None


def _word(
    word: str, edited: Range, kind: CompletionItemKind, text: str | None = None
) -> CompletionItem:
    return CompletionItem(label=word, kind=kind, text_edit=TextEdit(edited, text or word))


def _named(name: str, thing: NamedItem, order: str) -> CompletionItem:
    said = comment(thing.full_name)
    text = said.text if said else thing.source
    return CompletionItem(
        label=name,
        kind=KINDS.get(thing.sort),
        detail=shown(thing) or thing.sort,
        documentation=text or None,
        sort_text=f"{order}{name}",
    )


def _function(function: Function, order: str) -> CompletionItem:
    lines = "\n".join(function.signatures)
    return CompletionItem(
        label=function.name,
        kind=CompletionItemKind.Method if function.is_method else CompletionItemKind.Function,
        detail=function.signatures[0],
        documentation=MarkupContent(MarkupKind.Markdown, f"```\n{lines}\n```\n{function.text}"),
        sort_text=f"{order}{function.name}",
    )
