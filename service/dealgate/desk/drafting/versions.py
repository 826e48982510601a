"""The next version of a kind's rules, as a copy of the newest: rules, cases and tables."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dealgate.desk.drafting import WHY
from dealgate.model.faults import Fault
from dealgate.rulebook.document import Fields, Scalar
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

Texts = Mapping[Path, str]


def newest(home: Path) -> int:
    """Return the highest version in a kind's folder."""
    return max(int(path.name[1:].split(".")[0]) for path in home.glob("v[1-9]*.yaml"))


def files_of(home: Path, version: int) -> Texts:
    """Return every file of a version, by its path."""
    return {path: path.read_text(encoding="utf-8") for path in paths_of(home, version)}


def paths_of(home: Path, version: int) -> Sequence[Path]:
    """Return the files of a version, without what editors left beside them."""
    return [path for path in sorted(home.glob(f"v{version}.*")) if not is_scratch(path.name)]


def next_version(
    home: Path,
    version: int,
    because: str = WHY,
    *,
    texts: Texts | None = None,
    number: int | None = None,
) -> Texts:
    """Return the files of a version that means what `version` means.

    It gets the number after it, or `number`. `texts` are its files, if they are not written yet.
    """
    drafts, after = {}, version + 1 if number is None else number
    for path, text in (files_of(home, version) if texts is None else texts).items():
        name = path.name.replace(f"v{version}.", f"v{after}.", 1)
        # "qualify@1", and "qualify/dach@1" in the folder of a scope
        moved = _renamed(text, f"{home.name}@{version}", f"{home.name}@{after}")
        if path.name == f"v{version}.yaml":
            moved = _set(moved, "version", str(after))
            moved = _set(moved, "because", json.dumps(because, ensure_ascii=False))
        drafts[path.with_name(name)] = moved
    return drafts


def _renamed(text: str, old: str, new: str) -> str:
    """Rename the version in comments: nothing else names it."""
    lines = text.split("\n")
    return "\n".join(x.replace(old, new) if x.lstrip().startswith("#") else x for x in lines)


def _set(text: str, key: str, value: str) -> str:
    faults: list[Fault] = []
    document = read_yaml(Source("", text), faults)
    node = document.get(key) if isinstance(document, Fields) else None
    if not isinstance(node, Scalar):
        raise RulebookFaults(faults)
    raw = text[node.start : node.end]
    after = raw[len(raw.rstrip("\n")) :]  # a block takes the blank lines behind it along
    return text[: node.start] + value + after + text[node.end :]
