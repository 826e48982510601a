"""How alike two people's names are.

Another order, a title, a middle name or its initial does not make two people of one. A given name
that is another, and no known short form, does; so does Sr beside Jr.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz.distance import OSA

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.names import (
    Forms,
    PersonName,
    bare,
    is_initial,
    sound,
)
from dealgate.v1 import verify_pb2 as pb

Likeness: TypeAlias = pb.NameLikeness.ValueType

LONG = 5  # from this many letters on, one that is wrong in a family name is a slip


def likeness(
    person_name: PersonName, other: PersonName, own: Mapping[str, Iterable[str]]
) -> Likeness:
    """Return how alike two names are; `own` are short forms that the list lacks."""
    if not person_name.words or not other.words:
        return pb.NAME_LIKENESS_UNSPECIFIED
    if person_name.generation and other.generation and person_name.generation != other.generation:
        return pb.NAME_LIKENESS_DIFFERENT
    if _same_words(person_name.words, other.words):
        found = _same_or_initial(person_name)
    else:
        swapped = PersonName(other.family, other.given, other.generation)
        found = min(
            _aligned(person_name, other, own),
            _aligned(person_name, swapped, own),
            key=CLOSEST.index,
        )
    if found in FAR and _is_within(person_name.words, other.words):
        found = pb.NAME_LIKENESS_SIMILAR
    only_one = person_name.generation != other.generation
    return pb.NAME_LIKENESS_SIMILAR if only_one and found in ALIKE else found


ALIKE = (
    pb.NAME_LIKENESS_SAME,
    pb.NAME_LIKENESS_NICKNAME,
    pb.NAME_LIKENESS_INITIAL,
    pb.NAME_LIKENESS_PARTIAL,
)
CLOSEST = (
    *ALIKE[:3],
    pb.NAME_LIKENESS_SIMILAR,
    pb.NAME_LIKENESS_PARTIAL,
    pb.NAME_LIKENESS_OTHER_FAMILY,
    pb.NAME_LIKENESS_DIFFERENT,
)
FAR = (pb.NAME_LIKENESS_OTHER_FAMILY, pb.NAME_LIKENESS_DIFFERENT)


def _aligned(
    person_name: PersonName, other: PersonName, own: Mapping[str, Iterable[str]]
) -> Likeness:
    given = _given(person_name.given, other.given, own)
    family = _family(person_name.family, other.family)
    if pb.NAME_LIKENESS_DIFFERENT in {given, family}:
        knows = given in {pb.NAME_LIKENESS_SAME, pb.NAME_LIKENESS_NICKNAME}
        return pb.NAME_LIKENESS_OTHER_FAMILY if knows else pb.NAME_LIKENESS_DIFFERENT
    return max((given, family), key=CLOSEST.index)


def _family(item: Sequence[Forms], other: Sequence[Forms]) -> Likeness:
    if not item or not other:
        return pb.NAME_LIKENESS_PARTIAL
    if _same_words(item, other) or _joined(item) & _joined(other):
        return pb.NAME_LIKENESS_SAME
    if _is_among(item, other) or _is_among(other, item) or _is_slip(_joined(item), _joined(other)):
        return pb.NAME_LIKENESS_SIMILAR
    return pb.NAME_LIKENESS_DIFFERENT


def _given(
    item: Sequence[Forms], other: Sequence[Forms], own: Mapping[str, Iterable[str]]
) -> Likeness:
    """Compare first names, then those in the middle: where both have some, they must fit."""
    if not item or not other:
        return pb.NAME_LIKENESS_PARTIAL
    if _joined(item) & _joined(other):
        return pb.NAME_LIKENESS_SAME
    first = _first_name(item[0], other[0], own)
    if first == pb.NAME_LIKENESS_DIFFERENT:
        within = _is_among(item, other) or _is_among(other, item)
        return pb.NAME_LIKENESS_SIMILAR if within else first
    pairs = zip(item[1:], other[1:], strict=False)
    fits = all(_first_name(mine, yours, own) in ALIKE for mine, yours in pairs)
    return first if fits else pb.NAME_LIKENESS_DIFFERENT


def _first_name(forms: Forms, other: Forms, own: Mapping[str, Iterable[str]]) -> Likeness:
    if forms & other:
        return pb.NAME_LIKENESS_INITIAL if is_initial(forms) else pb.NAME_LIKENESS_SAME
    if is_initial(forms) or is_initial(other):
        begins = {form[0] for form in forms} & {form[0] for form in other}
        return pb.NAME_LIKENESS_INITIAL if begins else pb.NAME_LIKENESS_DIFFERENT
    if _is_nickname(forms, other, own):
        return pb.NAME_LIKENESS_NICKNAME
    alike = any(
        sound(mine) == sound(yours) or _is_swapped(mine, yours) for mine in forms for yours in other
    )
    return pb.NAME_LIKENESS_SIMILAR if alike else pb.NAME_LIKENESS_DIFFERENT


def _is_nickname(item: Forms, other: Forms, own: Mapping[str, Iterable[str]]) -> bool:
    """One is short for the other, or both are for a third."""
    mine, yours = (_long_forms(forms, own) for forms in (item, other))
    direct = any(form in yours for form in item) or any(form in mine for form in other)
    both_short = not any(lists.nicknames().get(form) for form in item | other)
    return direct or (both_short and bool(mine & yours))


def _long_forms(forms: Forms, own: Mapping[str, Iterable[str]]) -> frozenset[str]:
    listed = frozenset(name for form in forms for name in _canonical().get(form, ()))
    added = (
        _authors_word(name)
        for name, short in own.items()
        if not forms.isdisjoint(_authors_word(nickname) for nickname in short)
    )
    return listed | frozenset(added)


@lru_cache(2048)
def _authors_word(name: str) -> str:
    """Return a name of the rules' own list as names are compared; there are few, asked often."""
    return bare(name.casefold())


@lru_cache(1)
def _canonical() -> Mapping[str, frozenset[str]]:
    sets: dict[str, set[str]] = {}
    for name, short in lists.nicknames().items():
        for one in short:
            sets.setdefault(one, set()).add(name)
    return {short: frozenset(names) for short, names in sets.items()}


def _is_given(name: str) -> bool:
    return name in lists.nicknames() or name in _canonical()


def _same_or_initial(name: PersonName) -> Likeness:
    """A family name alone is not all of a name, and two may have one initial."""
    if not name.given:
        return pb.NAME_LIKENESS_PARTIAL
    return pb.NAME_LIKENESS_INITIAL if is_initial(name.given[0]) else pb.NAME_LIKENESS_SAME


def _same_words(item: Sequence[Forms], other: Sequence[Forms]) -> bool:
    """Whatever their order."""
    return len(item) == len(other) and _is_among(item, other)


def _is_within(item: Sequence[Forms], other: Sequence[Forms]) -> bool:
    """José García is within José García López, wherever the fields were divided."""
    few, many = sorted((item, other), key=len)
    return len(few) > 1 and _is_among(few, many)


def _is_among(few: Sequence[Forms], many: Sequence[Forms]) -> bool:
    rest = list(many)
    for forms in few:
        match = next((one for one in rest if one & forms), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _joined(words: Sequence[Forms]) -> Forms:
    """Jean-Paul, Jean Paul and Jeanpaul are one."""
    return frozenset("".join(pick(forms, key=len) for forms in words) for pick in (min, max))


def _is_slip(forms: Forms, other: Forms) -> bool:
    return any(
        min(len(mine), len(yours)) >= LONG
        and (OSA.distance(mine, yours) == 1 or sound(mine) == sound(yours))
        for mine in forms
        for yours in other
    )


def _is_swapped(text: str, other: str) -> bool:
    """Two letters that stand next to each other changed places.

    Of two given names that end otherwise neither is a slip: Christian is not Christina.
    """
    if text[-1] != other[-1] and _is_given(text) and _is_given(other):
        return False
    return (
        len(text) == len(other) and sorted(text) == sorted(other) and OSA.distance(text, other) == 1
    )
