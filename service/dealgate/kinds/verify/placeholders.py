"""What people type to be left alone, field by field: it counts as missing.

A word that says nothing in one field is somebody's name in another: Na Li, Jennifer Null, the
company AAA, the postal code 22222. So each field has words of its own beside those that say
nothing anywhere.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from dealgate.kinds.verify.addresses import address_in
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1.lead_pb2 import Lead

SIGNS = " .-_/?!*'\"()<>[]:,;#~+=|\\"
# How fingers run over keys, on keyboards of our markets, from where a row begins. Shorter runs are
# names: Azer, Wert.
ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890")
RUN = 5
# Fields in which a repeated letter, or a run of keys, is not a value. Codes and companies are
# not among them: there are ZIP codes 22222 and companies AAA.
WORDED = frozenset(
    {"lead.first_name", "lead.last_name", "lead.title", "lead.email", "lead.city", "lead.state"}
)


def is_placeholder(path: str, text: str, parameters: VerifyParameters) -> bool:
    """Tell whether the field at `path` holds something that says nothing."""
    if path == "lead.email":
        return _is_no_address(text, parameters)
    word, forms = _forms(cleaned(text).casefold())
    if not word:
        return True
    own = parameters.placeholders_by_path.get(path)
    if not parameters.placeholders.isdisjoint(forms) or (own and not own.isdisjoint(forms)):
        return True
    return (path in WORDED or parameters.placeholders_of == {}) and _is_typed_blindly(word)


def is_nobody(lead: Lead, parameters: VerifyParameters) -> bool:
    """Tell whether the full name is one that people invent: John Doe, Max Mustermann."""
    name = cleaned(f"{lead.first_name} {lead.last_name}").casefold()
    return name in parameters.placeholder_people


def placeholder_paths(
    lead: Lead, typed: Mapping[str, str], parameters: VerifyParameters
) -> Sequence[str]:
    """Return which of the fields typed hold placeholders."""
    nobody = {"lead.first_name", "lead.last_name"} if is_nobody(lead, parameters) else set()
    return [
        path
        for path, text in typed.items()
        if path in nobody or is_placeholder(path, text, parameters)
    ]


def _is_no_address(text: str, parameters: VerifyParameters) -> bool:
    """The name before the @, or the domain, says nothing: test@test.com, noemail@acme.com."""
    bare = address_in(text).casefold()
    local, at, domain = bare.rpartition("@")
    if at and domain in parameters.placeholder_domains:
        return True
    word = (local if at else bare).strip(SIGNS)
    own = parameters.placeholders_by_path.get("lead.email")
    listed = parameters.placeholders if own is None else own
    blindly = _is_typed_blindly(word) and not word.isdecimal()
    return not word or blindly or not listed.isdisjoint({bare, word, _once(word)})


@lru_cache(4096)
def _forms(bare: str) -> tuple[str, frozenset[str]]:
    """Return a text without the signs around it, and how it may be listed."""
    word = bare.strip(SIGNS)
    return word, frozenset({bare, word, _once(word)})


def _once(word: str) -> str:
    """`test1`, `test 123` and `testtest` say no more than `test`."""
    bare = word.rstrip("0123456789 ") or word
    half = len(bare) // 2
    first, second = bare[:half].strip(), bare[half:].strip()
    return first if first == second else bare


@lru_cache(4096)
def _is_typed_blindly(word: str) -> bool:
    """One letter three times and more, or keys in a row, in one direction."""
    letters = word.replace(" ", "")
    repeated = len(letters) > 2 and len(set(letters)) == 1
    return repeated or (len(letters) >= RUN and any(row.startswith(letters) for row in ROWS))
