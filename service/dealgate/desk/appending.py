"""One more line in releases.yaml: durable, all or nothing, and every byte before it kept."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from dealgate.model.rules import Release
from dealgate.rulebook.document import NULLS, Fields
from dealgate.rulebook.instants import written

HEADER = b"""\
# yaml-language-server: $schema=../releases.schema.json
#
# From when which version decides. Append only: see `dealgate release` and `dealgate rollback`.
"""
PLAIN = re.compile(r"[^\W_](?:[\w .,;()/@+-]*[\w.)])?")
DASH = re.compile(rb"^( *)- ", re.MULTILINE)


def line_of(release: Release) -> str:
    """Return the release as its line is written, five rows and its signatures."""
    signatures = "".join(f"    {_scalar(by)}: {text}\n" for by, text in release.signatures.items())
    return (
        f"- version: {release.version}\n"
        f"  from: {written(release.effective_from)}\n"
        f"  sha256: {release.sha256}\n"
        f"  by: {_scalar(release.by)}\n"
        f"  because: {_scalar(release.because)}\n"
        + (f"  signatures:\n{signatures}" if signatures else "")
    )


def appended(before: bytes | None, release: Release) -> bytes:
    """Return the file with one more line, in its own indentation and newlines; None: a new file."""
    if before is None:
        return HEADER + line_of(release).encode()
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    dash = DASH.search(before)
    indent = dash[1] if dash else b""
    rows = [indent + row for row in line_of(release).encode().splitlines()]
    gap = b"" if before.endswith(b"\n") or not before else newline
    return before + gap + newline.join(rows) + newline


def signed(before: bytes, line: Fields, by: str, signature: str) -> bytes:
    """Return the file with one more signature of `line`, every other byte as it was."""
    rows = before.splitlines(keepends=True)
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    column = line.location.column - 1  # of its keys
    key = line.key("signatures")
    first = line.location.line if key is None else key.location.line
    ends = [node.location.line for _, node in line if key is None]
    after = max([first, *ends])
    if key is None:
        after = _end_of_item(rows, after, column)
    indent = b" " * column
    new = [] if key is not None else [indent + b"signatures:" + newline]
    new += [indent + f"  {_scalar(by)}: {signature}".encode() + newline]
    if not rows[after - 1].endswith(b"\n"):
        new.insert(0, newline)
    return b"".join([*rows[:after], *new, *rows[after:]])


def _end_of_item(rows: Sequence[bytes], last: int, column: int) -> int:
    """Return after how many rows the keys in that column end, whose last begins in row `last`."""
    end = last
    for number in range(last, len(rows)):
        text = rows[number]
        if text.strip() and len(text) - len(text.lstrip()) <= column:
            break
        if text.strip() and not text.lstrip().startswith(b"#"):
            end = number + 1
    return end


def replace_durably(path: Path, data: bytes | None) -> None:
    """Put `data` in the file's place at once, also if power fails; None removes it.

    A concurrent reader sees the file as it was, or as it is now.
    """
    path = path.resolve()  # a link stays one
    if data is None:
        path.unlink()
    else:
        # Hidden, so that no rules folder takes it for one of its own.
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            _write(fresh, data, path.stat().st_mode if path.exists() else 0o644)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    _sync(path.parent)


def _write(path: Path, data: bytes, mode: int) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode & 0o777)
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _scalar(text: str) -> str:
    plain = PLAIN.fullmatch(text) and text not in NULLS
    return text if plain else json.dumps(text, ensure_ascii=False)
