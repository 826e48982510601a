"""The e-mail address within what mail programs, spreadsheets and people write around it.

"Ann Lee <ann@acme.com>", mailto:ann@acme.com and "ann@acme.com (work)" hold one address that mail
reaches. Which of several is meant nobody can tell.
"""

import re
from functools import lru_cache

from dealgate.kinds.verify.texts import cleaned

NAMED = re.compile(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>")
SCHEME = re.compile(r"(?:mailto|smtp|e-?mail)\s*:\s*", re.IGNORECASE)
# What a link to an address adds to it, such as a subject.
QUERY = re.compile(r"\?\w+=.*")
QUOTED_NAME = re.compile(r'"([^"\\\s@]+)"(?=@)')
NOTE = re.compile(r"\s+[(\[][^()\[\]@]*[)\]]$")
BETWEEN = re.compile(r"\s*[;,|/]\s*|\s+")
AROUND = frozenset("\"'`\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb<>")
BEHIND = ".,;: "


@lru_cache(1024)
def address_in(text: str) -> str:
    """Return the address that the text holds; what holds none, or something else, as it is."""
    bare = cleaned(text)
    named = NAMED.fullmatch(bare.rstrip(BEHIND))
    address = named[1] if named else NOTE.sub("", bare)
    address = QUERY.sub("", SCHEME.sub("", address) if SCHEME.match(address) else address)
    address = QUOTED_NAME.sub(r"\1", address.rstrip(BEHIND))
    wrapped = len(address) > 2 and AROUND.issuperset(address[:: len(address) - 1])
    return address[1:-1].rstrip(BEHIND) if wrapped else address


def holds_several(text: str) -> bool:
    """Tell whether the text is a list of addresses."""
    parts = [part for part in BETWEEN.split(cleaned(text).rstrip(BEHIND)) if part]
    return len(parts) > 1 and all(map(_looks_like_one, parts))


def _looks_like_one(text: str) -> bool:
    local, _, domain = address_in(text).partition("@")
    return bool(local) and "." in domain and "@" not in domain
