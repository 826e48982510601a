"""Half-typed CEL: the name that stands at a place, and what it is compared with."""

import re
from dataclasses import dataclass

NAME = r"[A-Za-z_]\w*"
LINK = re.compile(rf"({NAME})(\[[^\][]*\])?\s*\.\s*\Z")
PARTIAL = re.compile(r"\w*\Z")
REST = re.compile(r"\w*")
COMPARED = re.compile(
    rf"(?P<chain>{NAME}(?:\s*\.\s*{NAME}|\[\w*\])*)\s*(?:==|!=|\s+in\s*\[(?:[^\]]*,)?)\s*\w*\Z"
)
MACRO = r"({names})\s*\.\s*(?:exists|exists_one|all|filter|map)\(\s*{variable}\s*,"
CHAIN = rf"{NAME}(?:\s*\.\s*{NAME}|\[\w*\])*"
TEXTS = re.compile(r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?")

CLOSED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")


@dataclass(frozen=True, slots=True)
class Chain:
    """`links` are the names before the last point ("lead", "company"), `word` what follows it.

    `start` is where the word begins. `called` tells that the point follows a call's `)`.
    """

    links: tuple[str, ...]
    word: str
    start: int
    called: bool = False


def chain_at(text: str, index: int, *, whole: bool = False) -> Chain:
    """Return the chain that ends at `index`, or with `whole`, at the end of the word there."""
    match = PARTIAL.search(text[:index])
    start = match.start() if match else index
    rest = REST.match(text, index) if whole else None
    word = text[start : rest.end() if rest else index]
    before, links = text[:start], list[str]()
    while link := LINK.search(before):
        links.insert(0, link[1])
        before = before[: link.start()]
        if link[2]:
            links.insert(1, "[]")
    stripped = before.rstrip()
    called = stripped.endswith(".") and not links
    hanging = stripped.endswith(".") and bool(links)
    return Chain(() if hanging else tuple(links), word, start, called=called or hanging)


def steps_of(chain: str) -> tuple[str, ...]:
    """Return "a.b[0].c" as its steps; an index is the step "[]"."""
    return tuple(
        "[]" if step.startswith("[") else step for step in re.findall(rf"{NAME}|\[\w*\]", chain)
    )


def compared(before: str) -> tuple[str, ...]:
    """Return the steps of what the value at the end of `before` is compared with, if anything."""
    match = COMPARED.search(before)
    return steps_of(match["chain"]) if match else ()


def ranged(before: str, variable: str) -> tuple[str, ...]:
    """Return the steps of the list that a macro lets `variable` range over, if any does."""
    pattern = MACRO.format(names=CHAIN, variable=re.escape(variable))
    matches = list(re.finditer(pattern, before))
    return steps_of(matches[-1][1]) if matches else ()


def in_text(before: str) -> bool:
    """Tell whether the end of `before` stands inside a text literal."""
    texts = list(TEXTS.finditer(before))
    if not texts or texts[-1].end() < len(before):
        return False
    return not CLOSED.fullmatch(texts[-1][0])
