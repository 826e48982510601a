"""A region in words: always said, and never of what is not in it."""

from itertools import product

import pytest

from dealgate.language.scope import enum_constants
from dealgate.proof.describing import Words
from dealgate.proof.dimensions import Dimension
from dealgate.proof.places import places_called
from dealgate.proof.samples import Value
from tests.engine.specimen import FACTS

COLOR = enum_constants(FACTS)["COLOR_RED"][0]
NAMED: dict[str, set[Value]] = {
    "string": {"DE", "AT", "CH", "LI", "FR"},
    "int": {0, 10, 20, 30},
    "double": {0.5, 1.5, 2.5},
    "bool": set(),
    "google.type.Money": {("EUR", 5 * 10**9), ("EUR", 7 * 10**9), ("USD", 10**9)},
    "message": set(),
}
DIMENSIONS = [
    *(Dimension(f"of {type_}", type_, named={*named}) for type_, named in NAMED.items()),
    Dimension("closed", "string", named={"DE", "AT", "CH", "LI"}, is_closed=True),
    Dimension("thing.color", "int", enum=COLOR),
]


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda each: each.key)
def test_every_region_can_be_said(dimension: Dimension) -> None:
    """Whatever is in it; what has no name of its own is never listed, also not as left out."""
    classes = dimension.classes()
    for chosen in product((False, True), repeat=len(classes)):
        mask = sum(1 << bit for bit, is_in in enumerate(chosen) if is_in)
        words = Words(dimension, classes).described(mask)
        assert isinstance(words, str)
        assert "None" not in words


def test_four_countries_are_named() -> None:
    """All other texts have no name to be left out by."""
    dimension = Dimension("lead.country", "string", named={"DE", "AT", "CH", "LI"})
    words = Words(dimension, dimension.classes())

    assert words.described(0b011110) == '"AT" or "CH" or "DE" or "LI"'
    assert words.described(0b100000) == 'anything but "AT" or "CH" or "DE" or "LI"'


@pytest.mark.parametrize(
    ("text", "code"), [("UK", "GB"), ("USA", "US"), ("Germany", "DE"), ("deu", "DE")]
)
def test_countries_are_known_by_other_names(text: str, code: str) -> None:
    """What people write for a country leads to its code; what is none leads nowhere."""
    assert next(places_called(text)) == code
    assert list(places_called("nowhere")) == []
