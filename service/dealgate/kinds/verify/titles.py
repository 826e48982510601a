"""What a job title says: how senior, and what the person works on."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from dealgate.kinds.verify.tables import SeniorityName, Titles
from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

Meaning = TypeVar("Meaning")

# (m/w/d), Leiter:in, Manager*in, directeur·rice: one word for everybody.
EVERYBODY = re.compile(r"\(\s*[a-z](\s*[/|]\s*[a-z*])+\s*\)")
ENDINGS = re.compile(r"(?<=\w\w)(?:[:*_·]|/-?|\()(?:innen|in|rice|trice|euse|e|a|ra|r)\)?(?!\w)")
# Ä is written ae, but not where that is all: an AE is an account executive.
UMLAUT = re.compile(r"(?<=\w)([aou])e|([aou])e(?=\w)")
INITIALS = re.compile(r"\b(?:\w\.){2,}\w?")
PARTS = re.compile(r"\s*[,;|•/()\[\]]\s*|\s+[-\u2013\u2014&+]\s+|\s+(?:and|und|et|y|e|en|i)\s+")
PREPOSITION = re.compile(
    r" (?:@|of|for|at|in|to|bei|beim|fur|der|des|von|chez|pour|de|du|di|da|del|della|do|dos|para"
    r"|van|voor) "
)
# What follows is where somebody works: a manager at Head Sports is not a head.
COMPANY = re.compile(r" (?:@|at|bei|beim|chez|presso) ")
# The president's assistant is not a president.
SOMEBODY_S = re.compile(r"\b\w+['\u2019]s\b")
LEADERS: Sequence[SeniorityName] = ("SENIORITY_C_LEVEL", "SENIORITY_VP", "SENIORITY_DIRECTOR")
SEVERAL_WORDS = r"\w+(?: \w+){0,3}?"


class _Phrases(Generic[Meaning]):
    """Phrases with meanings, found in a text from left to right, the longest first."""

    def __init__(self, meanings: Mapping[Meaning, frozenset[str]]) -> None:
        pairs = [(_plain(one), what) for what, phrases in meanings.items() for one in phrases]
        pairs.sort(key=lambda pair: (-len(pair[0].split()), -len(pair[0]), pair[0]))
        self._meanings = [what for _, what in pairs]
        patterns = "|".join(f"({_pattern(phrase)})" for phrase, _ in pairs)
        self._regex = re.compile(rf"(?<!\w)(?:{patterns or '(?!)'})(?!\w)")

    def matches(self, text: str) -> Iterator[tuple[Meaning, re.Match[str]]]:
        """Yield what the text says, in its order; no word is read twice."""
        for match in self._regex.finditer(text):
            yield self._meanings[(match.lastindex or 1) - 1], match


class _Reader:
    """Reads titles by one rule set's tables."""

    def __init__(self, titles: Titles) -> None:
        self._past = _Phrases({"": titles.past})
        self._serves = _Phrases({"": titles.serves})
        self._seniority = _Phrases({"": titles.says_nothing, **titles.seniority})
        self._functions = _Phrases({"": titles.says_nothing | _hiding(titles), **titles.functions})
        self._students = _Phrases({"": titles.students})
        self._heads = _Phrases(titles.heads)
        self._ranks: list[str] = [*titles.seniority]
        self._alone = {
            _plain(phrase): name for name, phrases in titles.alone.items() for phrase in phrases
        }

    def read(self, text: str) -> pb.TitleFinding:
        parts = [self._present(COMPANY.split(part)[0]) for part in _parts(text)]
        if "" in parts:
            # "CEO (retired)", and "Former": all of it is over.
            parts = []
        seniority = self._highest(parts)
        function = self._function(parts) or self._of_owners(parts)
        return pb.TitleFinding(
            seniority=lead_pb2.Seniority.Value(seniority) if seniority else None,
            job_function=lead_pb2.JobFunction.Value(function) if function else None,
            is_student=any(map(self._is_student, parts)),
        )

    def _present(self, part: str) -> str:
        """Return the part without what is over."""
        over = next(self._past.matches(part), None)
        return part if over is None else part[: over[1].start()].strip() or self._before(part, over)

    @staticmethod
    def _before(part: str, over: tuple[str, re.Match[str]]) -> str:
        """Return "" if a part says no more than that all is over; a sign if it says what is."""
        return "" if over[1].group() == part else " "

    def _highest(self, parts: Sequence[str]) -> str:
        held = [name for part in parts for name in self._held(part)]
        return min(held, key=self._ranks.index, default="")

    def _held(self, part: str) -> Iterator[str]:
        served = next(self._serves.matches(part), None)
        own = part if served is None else part[: served[1].end()]
        alone = self._alone.get(_head(own))
        if alone is not None:
            yield alone
        yield from self._ending(self._heads, own)
        yield from (name for name, _ in self._seniority.matches(own) if name)

    def _function(self, parts: Sequence[str]) -> str:
        """The first part that says it counts, and of that the last: sales operations operate."""
        for part in parts:
            named: list[str] = [name for name, _ in self._functions.matches(part) if name]
            if named:
                return named[-1]
        return ""

    def _of_owners(self, parts: Sequence[str]) -> str:
        """The owner of a company, or of a part of one, runs it, if the title says nothing else."""
        owns = any(self._alone.get(_head(part)) == LEADERS[0] for part in parts)
        return "JOB_FUNCTION_EXECUTIVE" if owns else ""

    def _is_student(self, part: str) -> bool:
        return any(True for _ in self._ending(self._students, part))

    @staticmethod
    def _ending(phrases: _Phrases[Meaning], part: str) -> Iterator[Meaning]:
        """Yield what the end of a part says: what somebody is stands behind what kind of it."""
        head = _head(part)
        yield from (what for what, match in phrases.matches(head) if match.end() == len(head))


def _hiding(titles: Titles) -> frozenset[str]:
    """Phrases about leaders hide words about functions: no vice president is a president."""
    ranks = (phrase for name in LEADERS for phrase in titles.seniority.get(name, ()))
    working = frozenset(phrase for phrases in titles.functions.values() for phrase in phrases)
    return frozenset(phrase for phrase in ranks if " " in phrase and "*" not in phrase) - working


def title_finding(text: str, titles: Titles) -> pb.TitleFinding:
    """Return what the title says; what it does not say is unset, and not a guess."""
    finding = pb.TitleFinding()
    finding.CopyFrom(_read(text, _Key(titles)))
    return finding


class _Key:
    """A rule set's tables as a key: told apart by what they say, and hashed by their size alone."""

    def __init__(self, titles: Titles) -> None:
        self.titles = titles

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key):
            return False
        return self.titles is other.titles or self.titles == other.titles

    def __hash__(self) -> int:
        return len(self.titles.serves) + 1000 * len(self.titles.says_nothing)


@lru_cache(4096)
def _read(text: str, key: _Key) -> pb.TitleFinding:
    return _reader(key).read(text)


@lru_cache(16)
def _reader(key: _Key) -> _Reader:
    return _Reader(key.titles)


def _parts(text: str) -> list[str]:
    """Return the title's parts, such as a function and a company behind a comma."""
    bare = SOMEBODY_S.sub(" ", cleaned(text).casefold())
    written = ENDINGS.sub("", EVERYBODY.sub(" ", bare))
    spelt = INITIALS.sub(lambda match: match[0].replace(".", ""), written)
    return [part for part in map(_plain, PARTS.split(f" {spelt} ")) if part]


def _plain(text: str) -> str:
    """Return words alone: no accents, ä written as a or ae, no signs but `*`."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    short = UMLAUT.sub(lambda match: match[1] or match[2], bare)
    return " ".join(re.sub(r"[^\w*@]+", " ", short).split())


def _pattern(phrase: str) -> str:
    words = (
        SEVERAL_WORDS if word == "*" else re.escape(word).replace(r"\*", r"\w*")
        for word in phrase.split()
    )
    return " ".join(words)


def _head(part: str) -> str:
    """Return what comes before the first preposition: the owner of a shop is an owner."""
    return PREPOSITION.split(f"{part} ", maxsplit=1)[0].strip()
