"""The constants of an enum as words: REQUIRES_APPROVAL of AdvanceDecision is "requires_approval".

In contracts each constant repeats its enum's name (ADVANCE_DECISION_REQUIRES_APPROVAL); rules,
lists and messages do not.
"""

from functools import lru_cache
from typing import Protocol, TypeVar, cast

from google.protobuf.descriptor import EnumDescriptor

Number = TypeVar("Number")


class Enum(Protocol[Number]):
    """An enum as protoc writes it."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor:  # noqa: N802  # as everywhere in protobuf
        """What is declared."""

    def __hash__(self) -> int:
        """Hash it by what it is."""

    def Name(self, number: Number) -> str:  # noqa: N802
        """Return the constant's name."""

    def Value(self, name: str) -> Number:  # noqa: N802
        """Return the constant's number."""


def of(enum: Enum[Number], number: Number) -> str:
    """Return the constant as a word, in lower case."""
    return _of(enum, number)


def number_of(enum: Enum[Number], word: str) -> Number:
    """Return the constant that a word names; raises ValueError if there is none."""
    return cast("Number", _number_of(enum, word))


@lru_cache(maxsize=4096)
def _of(enum: Enum[Number], number: Number) -> str:
    return enum.Name(number).removeprefix(_prefix(enum)).lower()


@lru_cache(maxsize=4096)
def _number_of(enum: Enum[Number], word: str) -> Number:
    return enum.Value(f"{_prefix(enum)}{word.upper()}")


def _prefix(enum: Enum[Number]) -> str:
    zero: str = enum.DESCRIPTOR.values_by_number[0].name
    return zero.removesuffix("UNSPECIFIED")
