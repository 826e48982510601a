"""Which state is meant, however it is written, and whether a postal code fits its country.

Addresses' own data (libaddressinput) knows the states that addresses name and how their codes
begin; `holidays` knows those of countries whose addresses name none, such as Germany's.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import holidays

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import verify_pb2 as pb

# D-10115, CH-8001: the country before the code.
# Before and behind a hyphen, where codes are written with one.
PARTED = {"BR": (5, 3), "JP": (3, 4), "PL": (2, 3), "PT": (4, 3), "US": (5, 4)}
PREFIX = re.compile(r"^[A-Z]{1,3}\s*-\s*(?=\d)")
UMLAUT = re.compile("(?<=[^aeiouq])([aou])e(?=[^aeiou])")
SHORTENED = 4  # letters from which on the beginning of one state's name means it


@dataclass(frozen=True, slots=True)
class State:
    """A state: as addresses write it, its ISO 3166-2 part, and how its postal codes begin."""

    written: str
    iso: str = ""
    postal_codes: str = ""


def region_finding(country: str, state: str, postal_code: str) -> pb.RegionFinding:
    """Return what is known of a state and a postal code in a country (alpha-2, or "")."""
    finding = pb.RegionFinding()
    found = state_of(country, state) if state else None
    if state and country and states(country):
        finding.state_is_known = found is not None
    if found is not None:
        finding.state = found.written
        if found.iso:
            finding.state_code = f"{country}-{found.iso}"
    if postal_code and country:
        _read_postal_code(finding, country, found, postal_code)
    return finding


def state_of(country: str, text: str) -> State | None:
    """Return the state of that code, name or abbreviation; None if it is not the country's."""
    by_name = states(country)
    key = _key(text)
    iso = key.upper().removeprefix(f"{country} ").lower()
    found = by_name.get(key) or by_name.get(key.replace(" ", "")) or by_name.get(iso)
    if found or not (len(key) >= SHORTENED or text.rstrip().endswith(".")):
        return found
    longer = {state for name, state in by_name.items() if name.startswith(key) and len(key) > 1}
    return longer.pop() if len(longer) == 1 else None


def state_by_postal_code(country: str, postal_code: str) -> State | None:
    """Return the only state whose codes begin like this valid one."""
    if not postal_code:
        return None
    fitting = {
        state
        for state in states(country).values()
        if state.postal_codes and _begins(state, postal_code)
    }
    return fitting.pop() if len(fitting) == 1 else None


@cache
def states(country: str) -> Mapping[str, State]:
    """Return the states of a country by each of their names, folded; none: not known."""
    listed = lists.regions().get(country, {}).get("states", [])
    known = {**(_from_addresses(listed) or _from_holidays(country))}
    by_code = {state.iso: state for state in known.values() if state.iso}
    for code, names in lists.state_names().get(country, {}).items():
        for name in names if code in by_code else ():
            known.setdefault(_key(name), by_code[code])
    return known


def _from_addresses(listed: list[Mapping[str, str]]) -> Mapping[str, State]:
    states: dict[str, State] = {}
    for one in listed:
        iso, key = one.get("iso", ""), one["key"]
        short = iso if iso.isalpha() else key
        written = short if short.isascii() and short.isupper() else one.get("latin", key)
        state = State(written, iso, one.get("postal_codes", ""))
        for name in (key, one.get("name", ""), one.get("latin", ""), iso):
            if name:
                states.setdefault(_key(name), state)
    return states


def _from_holidays(country: str) -> Mapping[str, State]:
    calendar = getattr(holidays, country, None) if country else None
    codes = getattr(calendar, "subdivisions", ())
    states = {_key(code): State(code, code) for code in codes}
    for name, code in getattr(calendar, "subdivisions_aliases", {}).items():
        states.setdefault(_key(name), State(code, code))
    return states


def _read_postal_code(
    finding: pb.RegionFinding, country: str, state: State | None, text: str
) -> None:
    pattern = lists.regions().get(country, {}).get("postal_code")
    if pattern is None:
        return
    written = PREFIX.sub("", cleaned(text).upper().lstrip("\u3012 "))
    code = _in_form(_hyphened(country, written), pattern)
    finding.postal_code_is_valid = bool(code)
    if not code:
        return
    finding.postal_code = code
    if state is not None and state.postal_codes:
        finding.postal_code_is_in_state = _begins(state, code)


def _hyphened(country: str, code: str) -> str:
    """Return digits alone as their country parts them: 100-0001, 94105-1234."""
    before, behind = PARTED.get(country, (0, 0))
    digits = re.sub(r"[\s-]", "", code)
    if not digits.isdecimal() or len(digits) != before + behind:
        return code
    return f"{digits[:before]}-{digits[before:]}"


def _in_form(code: str, pattern: str) -> str:
    """Return the code with the space that its country writes in it; "" if it is not valid."""
    compact = code.replace(" ", "").replace("-", "")
    spaced = pattern.replace(" ?", " ")
    forms = [code, compact, *(f"{compact[:at]} {compact[at:]}" for at in range(1, len(compact)))]
    if spaced != pattern:
        known = next((form for form in forms if re.fullmatch(spaced, form)), "")
        if known:
            return known
    return next((form for form in forms if re.fullmatch(pattern, form)), "")


def _begins(state: State, code: str) -> bool:
    return re.match(f"(?:{state.postal_codes})", code) is not None


def _key(text: str) -> str:
    """Return a name's words; ü is written u or ue, and Baden-Wuerttemberg is one of them."""
    spelt = UMLAUT.sub(r"\1", cleaned(text).casefold().replace(".", ""))
    letters = unicodedata.normalize("NFKD", spelt)
    bare = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return " ".join(re.sub(r"[^\w]+", " ", bare).split())
