"""The constants of an enum as words: REQUIRES_APPROVAL of AdvanceDecision is "requires_approval".

In contracts each constant repeats its enum's name (ADVANCE_DECISION_REQUIRES_APPROVAL); rules,
lists and messages do not.
"""

from typing import Protocol, TypeVar

from google.protobuf.descriptor import EnumDescriptor

Number = TypeVar("Number")


class Enum(Protocol[Number]):
    """An enum as protoc writes it."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor:  # noqa: N802  # as everywhere in protobuf
        """What is declared."""

    def Name(self, number: Number) -> str:  # noqa: N802
        """Return the constant's name."""

    def Value(self, name: str) -> Number:  # noqa: N802
        """Return the constant's number."""


def of(enum: Enum[Number], number: Number) -> str:
    """Return the constant as a word, in lower case."""
    return enum.Name(number).removeprefix(_prefix(enum)).lower()


def number_of(enum: Enum[Number], word: str) -> Number:
    """Return the constant that a word names; raises ValueError if there is none."""
    return enum.Value(f"{_prefix(enum)}{word.upper()}")


def _prefix(enum: Enum[Number]) -> str:
    zero: str = enum.DESCRIPTOR.values_by_number[0].name
    return zero.removesuffix("UNSPECIFIED")
