"""What the tests of the DMN TCK say: inputs, and what a decision must come to.

Values are read so that equal ones are equal: numbers as Decimal, the rest as text.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

SPAN = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def tests_of(file: Path, model: Path) -> Iterator[ET.Element]:
    """Yield the tests in a file that are of a model."""
    try:
        root = ET.parse(file).getroot()  # noqa: S314  # a folder that the caller chose
    except ET.ParseError:
        return
    named = next((each.text or "" for each in root if tag_of(each) == "modelName"), "")
    if tag_of(root) == "testCases" and named.strip() in {model.name, ""}:
        yield from below(root, "testCase")


def tag_of(element: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def below(element: ET.Element, name: str) -> list[ET.Element]:
    """Return all elements of a name, at any depth."""
    return [each for each in element.iter() if tag_of(each) == name]


def inputs_of(node: ET.Element, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the facts of an input: of a structure each part by its path."""
    for each in node:
        if tag_of(each) == "component":
            yield from inputs_of(each, f"{name}_{plain_name(each.get('name') or '')}")
        elif tag_of(each) == "value" and each.text is not None:
            yield name, _fact(each)


def _fact(value: ET.Element) -> object:
    text = (value.text or "").strip()
    if text in {"true", "false"}:
        return text == "true"
    kind = value.get(TYPE) or ""
    if "string" not in kind and (match := SPAN.fullmatch(text)):
        parts = zip(match.groups(), (86_400, 3_600, 60, 1), strict=True)
        return f"{sum(int(number or 0) * seconds for number, seconds in parts)}s"
    return text if "string" in kind or number_of(text) is None else str(number_of(text))


def expected_of(node: ET.Element) -> object:
    """Return what is expected: a value, a list, or the parts of a structure."""
    components = [each for each in node if tag_of(each) == "component"]
    parts = {plain_name(each.get("name") or ""): expected_of(each) for each in components}
    if parts:
        return parts
    for each in node:
        if tag_of(each) == "list":
            return [expected_of(item) for item in each if tag_of(item) == "item"]
        if tag_of(each) == "value":
            return plain(each.text)
    return None


def plain_name(name: str) -> str:
    """Return a name as facts are called: `Years of Service` is years_of_service."""
    return re.sub(r"\W+", "_", name.strip()).lower()


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, if it is one."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def plain(value: object) -> object:
    """Return a value so that equal ones are equal: numbers as Decimal, the rest as text."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip()
    if text in {"true", "false"}:
        return text == "true"
    return text if number_of(text) is None else number_of(text)


def same(answer: object, expected: object) -> bool:
    """Tell whether an answer is what is expected; one thing that is listed is a list of it."""
    if isinstance(expected, list) and not isinstance(answer, list):
        answer = [] if answer is None else [answer]
    return answer == expected or (answer == [] and expected is None)
