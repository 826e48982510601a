"""Languages, however they are written."""

import pytest

from dealgate.model.languages import language_code, speaks


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        *(("de", "de-DE"), ("German", "DE"), ("deu", "Deutsch"), ("de-AT", "ger"), ("zh", "zh-TW")),
        *(("pt_BR", "pt"), ("iw", "he"), ("no", "nb"), ("nn-NO", "no"), ("nb", "nn")),
    ],
)
def test_one_language_has_many_names(written: str, wanted: str) -> None:
    """L-26: codes of two and three letters, regions, former codes, names; Norwegian in both."""
    assert speaks([written], wanted)


@pytest.mark.parametrize("text", ["xx", "de, en", "12", "deutsch/englisch"])
def test_what_is_no_language_has_no_code(text: str) -> None:
    """L-26: it is refused, and not compared."""
    assert language_code(text) is None
    assert not speaks(["de"], "sv")
