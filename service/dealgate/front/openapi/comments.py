"""What the contracts say in comments, by full name."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _comments() -> Mapping[str, str]:
    by_file: Mapping[str, Mapping[str, str]] = json.loads(
        files("dealgate.v1").joinpath("comments.json").read_text("utf-8")
    )
    return {name: text for comments in by_file.values() for name, text in comments.items()}


def comment(name: str) -> str:
    """Return the comment of a message, field, enum, service or RPC; "" if it has none."""
    return _comments().get(name, "")


def summary(name: str) -> str:
    """Return the first sentence of a comment, without its full stop."""
    return comment(name).partition(". ")[0].rstrip(".")
