"""Settings that are misspelt or wrong, reported in an operator's words."""

import difflib
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dealgate.model.service_links import linked
from dealgate.settings import PREFIX, Settings

# What other commands and the tools around them read.
OTHERS = frozenset(
    {
        "DEALGATE_CACHE",
        "DEALGATE_FACTS_RETENTION",
        "DEALGATE_RETENTION",
        "DEALGATE_KEYS_PGPASSWORD",
        "DEALGATE_TRACE_URL",
        "DEALGATE_RULE_URL",
        "DEALGATE_GOLDEN",
        "DEALGATE_WORKER",
        "DEALGATE_SERVER",
        "DEALGATE_TENANT",
        "DEALGATE_TOKEN_FILE",
        "DEALGATE_INBOX_SECRET",
    }
)
# By pydantic's types of errors.
WORDS = {
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "float_parsing": "write a number, without a unit",
    "float_type": "write a number, without a unit",
    "int_parsing": "write a whole number, without a unit",
    "int_from_float": "write a whole number",
    "finite_number": "write a finite number",
    "literal_error": "write {expected}",
    "greater_than": "must be more than {gt:,g}",
    "greater_than_equal": "must be at least {ge:,g}",
    "less_than": "must be less than {lt:,g}",
    "less_than_equal": "must be at most {le:,g}",
}


def variables() -> list[str]:
    """Return the name of every variable that a server reads."""
    return [PREFIX + name.upper() for name in Settings.model_fields]


def unknown(names: Iterable[str]) -> list[str]:
    """Return, for each variable DEALGATE_* that nobody reads, its name and the cure.

    A misspelt setting that is ignored in silence is found out when it is needed.
    """
    known = variables()
    faults = []
    given = frozenset(names)
    for name in sorted(given - linked(given)):
        # Windows and pydantic take names of any case.
        if not name.upper().startswith(PREFIX) or name.upper() in {*known, *OTHERS}:
            continue
        bare = name.upper().removeprefix(PREFIX)
        close = difflib.get_close_matches(
            bare, [candidate.removeprefix(PREFIX) for candidate in known], n=1
        )
        meant = f"did you mean {PREFIX}{close[0]}?" if close else "`dealgate config` lists all"
        faults.append(f"{name}: is not a setting of Dealgate; {meant}")
    return faults


def setting_faults(error: ValidationError) -> list[str]:
    """Return, for each setting that is wrong, its variable and what is wrong with it."""
    faults: dict[str, list[str]] = {}
    for fault in error.errors():
        name = "_".join(str(part) for part in fault["loc"][:1]).upper()
        faults.setdefault(name, []).append(_words(fault))
    return [
        f"{f'{PREFIX}{name}: ' if name else ''}{text}"
        for name, texts in faults.items()
        # What may be one thing or another is neither: one line says so.
        for text in ([", or ".join(dict.fromkeys(texts))] if name else dict.fromkeys(texts))
    ]


def _words(fault: ErrorDetails) -> str:
    """Say what is wrong with a value as an operator would: pydantic speaks of inputs."""
    limits = {name: value for name, value in fault.get("ctx", {}).items() if name != "error"}
    words = WORDS.get(fault["type"])
    if words is None:
        return fault["msg"].removeprefix("Value error, ")  # of a fault that we found
    return words.format(**limits)
