"""Editors count columns in units of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import Position

from dealgate.lsp.positions import Positions

TEXTS = st.text(st.sampled_from("aé€😀\u2028\n\r"), max_size=40)


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.data())
def test_there_and_back(text: str, encoding: str, data: st.DataObject) -> None:
    """Every code point has a position of its own, in each encoding."""
    positions = Positions(text, encoding)
    index = data.draw(st.integers(0, len(text)))
    assert positions.index(positions.position(index)) == index


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_a_letter_beyond_16_bits_is_counted_as_agreed(encoding: str, column: int) -> None:
    """An emoji is four bytes, two units of UTF-16, one code point."""
    assert Positions("x\n😀a.", encoding).position(4) == Position(1, column)


def test_a_place_beyond_the_end_is_the_end() -> None:
    """Editors may ask about lines that have just been deleted."""
    assert Positions("a\nbc").index(Position(9, 9)) == 4
    assert Positions("a\nbc").index(Position(0, 9)) == 1
