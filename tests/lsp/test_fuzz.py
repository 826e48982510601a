"""Half-typed text is what a language server reads all day: it must never fail on it."""

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.completion import completions
from dealgate.lsp.definition import definition, references
from dealgate.lsp.files import File, Texts, file_of, uri_of
from dealgate.lsp.hints import hints, signature_help
from dealgate.lsp.hover import hover
from dealgate.lsp.layout import folds
from dealgate.lsp.lenses import lenses
from dealgate.lsp.names import Types
from dealgate.lsp.occurrences import highlights
from dealgate.lsp.positions import Positions
from dealgate.lsp.renaming import renamable
from dealgate.lsp.symbols import symbols
from dealgate.lsp.workspace import Desk

RULES = Path(__file__).parents[2] / "rules"
FILES = sorted(RULES.glob("*/*.yaml"))
BITS = st.sampled_from(["", "{", "[", '"', "'", "|", ": ", "- ", ".", "\n", " #", "😀", "\t", "&a"])


@cache
def types() -> Types:
    """One checker for all examples: making one takes longer than asking it."""
    return Types(RememberingChecker())


def _file(path: Path) -> File:
    file = file_of(uri_of(path))
    assert file is not None
    return file


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(FILES), st.integers(0), st.integers(0, 400), BITS, st.integers(-30, 30))
def test_nothing_half_typed_is_too_much(
    path: Path, start: int, cut: int, bit: str, beside: int
) -> None:
    """A piece of a shipped file is cut out, or all behind it; something stray stands there."""
    whole = path.read_text()
    start %= len(whole)
    rest = "" if cut == 0 else whole[start + cut :]
    text = whole[:start] + bit + rest
    desk = Desk(_file(path), text, Texts({path: text}), types())
    index = min(max(start + len(bit) + beside, 0), len(text))
    positions = Positions(text)
    completions(desk, index, positions)
    hover(desk, index, positions)
    definition(desk, index, "utf-16")
    references(desk, index, "utf-16")
    symbols(desk, positions)
    folds(desk, positions)
    highlights(desk, index, positions)
    hints(desk, positions.range(start, index), positions)
    signature_help(desk, index)
    lenses(desk, positions)
    renamable(desk, index, positions)
