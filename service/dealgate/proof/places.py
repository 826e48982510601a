"""Countries as people write them: "UK", "USA", "Germany", "DEU"."""

from collections.abc import Iterator

from babel import Locale
from babel.core import get_global

from dealgate.model.leads import COUNTRIES


def places_called(text: str) -> Iterator[str]:
    """Yield the codes of countries that a text may mean, the likeliest first."""
    aliases = get_global("territory_aliases").get(text.upper(), ())
    yield from (code for code in aliases if code in COUNTRIES)
    for code, name in Locale("en").territories.items():
        if code in COUNTRIES and name.lower() == text.lower():
            yield str(code)
