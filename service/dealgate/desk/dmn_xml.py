"""The XML of a DMN file: its root, and what stands below an element, whatever its namespace."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from dealgate.desk.exchange import NotExported

DMN = re.compile(r"\{https?://www\.omg\.org/spec/DMN/[^}]*\}definitions")
MOST = 5_000_000  # characters of a file
LONGEST = 20_000  # characters of a text in it
OF_TOOLS = "extensionElements"  # what tools keep for themselves


def read_root(path: Path) -> ET.Element:
    """Return the root of the file at `path`; raises NotExported."""
    text = _text(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotExported("it declares a document type or entities, which no DMN file needs")
    try:
        root = ET.fromstring(text)  # noqa: S314  # without a document type there are no entities
    except (ET.ParseError, RecursionError, ValueError) as error:
        raise NotExported(f"this is not XML: {error}") from None
    if not DMN.fullmatch(root.tag):
        raise NotExported("this is not DMN")
    return root


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise NotExported("this is not a file")
        # UTF-8 has four bytes a character at most: what is larger is not read at all.
        written = path.read_bytes() if path.stat().st_size <= 4 * MOST else None
    except FileNotFoundError:
        raise NotExported("this file does not exist") from None
    except OSError as error:
        raise NotExported(f"this file cannot be read: {error.strerror}") from None
    try:
        text = None if written is None else written.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotExported("this is not text in UTF-8") from None
    if text is None or len(text) > MOST:
        raise NotExported(f"it is larger than {MOST:,} characters")
    return text


def tag_of(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def below(element: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the elements of a name at any depth, in their order; not those that tools keep."""
    waiting = [element]
    while waiting:
        child = waiting.pop()
        if tag_of(child) == name:
            yield child
        if tag_of(child) != OF_TOOLS:
            waiting.extend(reversed(child))


def children(element: ET.Element, name: str) -> list[ET.Element]:
    """Return the elements of a name right below another."""
    return [child for child in element if tag_of(child) == name]


def text_of(element: ET.Element) -> str:
    """Return what the first `text` says, in one line; raises NotExported if it is too long."""
    text = next((child.text or "" for child in below(element, "text")), "")
    if len(text) > LONGEST:
        raise NotExported(f"it holds a text of more than {LONGEST:,} characters: {text[:40]}…")
    return " ".join(text.split()) if '"' not in text else text.strip()
