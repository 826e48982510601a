"""What the contracts say in words of their messages, fields and enum values, and in which file."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dealgate.model.vocabulary import contract_name, further, property_at

# Where properties are declared, in the rules folder.
PROPERTIES = "properties.yaml"


@dataclass(frozen=True, slots=True)
class Comment:
    """The comment above a declaration; `file` is its path below proto/."""

    file: str
    text: str


def comment(name: str) -> Comment | None:
    """Return what is said of a full name, such as "dealgate.v1.Lead.email"; None if nothing is.

    An enum's value goes by its enum: "dealgate.v1.Seniority.SENIORITY_VP".
    """
    declared = property_at(name)
    if declared is not None:
        return Comment(PROPERTIES, declared[1].told)
    return _comments().get(contract_name(name)) or _further(name)


def _further(name: str) -> Comment | None:
    """Return what is declared of a further word of an enum, as far as any folder in use does."""
    holder, _, constant = name.rpartition(".")
    known = further(holder.rpartition(".")[2], constant)
    return None if known is None else Comment(PROPERTIES, known.told)


@cache
def _comments() -> dict[str, Comment]:
    text = (files("dealgate.v1") / "comments.json").read_text(encoding="utf-8")
    by_file: dict[str, dict[str, str]] = json.loads(text)
    return {
        name: Comment(file, words)
        for file, texts in by_file.items()
        for name, words in texts.items()
    }
