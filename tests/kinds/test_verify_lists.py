"""The lists that verification reads are what their packages say: `make reference` wrote them."""

import csv
import importlib.util
import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.countries import country_code
from dealgate.kinds.verify.domains import domain_type
from dealgate.v1 import lead_pb2
from tests.kinds.verifying import shipped

REFERENCE = Path(__file__).parents[2] / "reference"
LISTS = Path(lists.__file__).parent


def writer() -> ModuleType:
    """Import reference/write.py, which is no part of any package."""
    spec = importlib.util.spec_from_file_location("reference_write", REFERENCE / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def unless_installed(sources: dict[str, str]) -> None:
    """Skip, by name, what another version of a package, or none, would write."""
    for name, wanted in sources.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        if found != wanted:
            pytest.skip(f"{name} {wanted} is not installed")


@pytest.mark.parametrize("name", ["regions", "nicknames"])
def test_a_list_is_what_its_packages_say(name: str) -> None:
    """Nobody has edited it, and no refresh was forgotten."""
    held = json.loads((LISTS / f"{name}.json").read_text(encoding="utf-8"))
    unless_installed(held["sources"])
    made: Callable[[], Any] = getattr(writer(), name)
    assert json.loads(json.dumps(made())) == held


def test_the_list_of_schools_is_what_its_package_says() -> None:
    """Of those that a public suffix tells it has none."""
    text = (LISTS / "school_domains.txt").read_text(encoding="utf-8")
    name, _, wanted = text.partition("\n")[0].removeprefix("# ").partition("@")
    unless_installed({name: wanted})
    assert writer().school_domains() == text


def test_every_name_by_hand_is_in_the_list() -> None:
    """Whoever adds one runs `make reference` too; and each is read as the country it is of."""
    with (REFERENCE / "country_names.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert row["name"] in lists.country_names()[row["code"]], row
    read = {row["name"]: country_code(row["name"], shipped(4).parameters) for row in rows}
    assert read == {row["name"]: row["code"] for row in rows}


@pytest.mark.parametrize("domain", ["uni-heidelberg.de", "cs.polimi.it", "ku.dk", "hs-mannheim.de"])
def test_schools_are_known_by_a_maintained_list(domain: str) -> None:
    """L-11: half of Europe's universities have a domain like any company's."""
    found = domain_type(domain, shipped(4).parameters)
    assert found == lead_pb2.EMAIL_DOMAIN_TYPE_EDUCATION
