"""A position in a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A position in a rule file. Lines and columns count from 1, in code points."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """`rules/qualify/v2.yaml:12:5`, which editors and terminals make clickable."""
        return f"{self.file}:{self.line}:{self.column}"
