"""Values that cannot be what their field is for: a name without a letter, an invalid domain."""

import re
from collections.abc import Mapping

from dealgate.kinds.verify.domains import registrable
from dealgate.kinds.verify.texts import cleaned

LINK = re.compile(r"https?:|//|\bwww\.", re.IGNORECASE)
MARKUP = re.compile(r"[<>{}]|&\w+;")
NAMES = frozenset({"lead.first_name", "lead.last_name", "lead.city", "lead.state"})
DOMAINS = frozenset({"lead.website", "lead.company.domain"})


def implausible_paths(typed: Mapping[str, str]) -> list[str]:
    """Return which of the fields typed, placeholders aside, hold what cannot be."""
    return [path for path, text in typed.items() if not is_plausible(path, text)]


def is_plausible(path: str, text: str) -> bool:
    """Tell whether the field at `path` can hold this; what has a finding of its own always can."""
    bare = cleaned(text)
    if path in DOMAINS:
        return bool(registrable(bare)) and " " not in bare
    if path in NAMES:
        letters = sum(one.isalpha() for one in bare)
        digits = sum(one.isdigit() for one in bare)
        return letters > digits and "@" not in bare and not _is_code(bare)
    if path == "lead.title":
        return any(map(str.isalpha, bare)) and not _is_code(bare)
    if path == "lead.company.name":
        return not _is_code(bare) and not (len(bare) == 1 and bare.isdigit())
    return True


def _is_code(text: str) -> bool:
    return bool(MARKUP.search(text) or LINK.search(text))
