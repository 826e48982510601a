"""Links between the pages of this repository lead somewhere: to a file, and to a heading in it."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
ANYWHERE = ("http://", "https://", "mailto:")


def pages() -> Sequence[Path]:
    """Return all pages for people: of the docs, of rules, of clients, and at the top."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rules").rglob("*.md")]
    found += [*ROOT.glob("clients/*/*.md"), *ROOT.glob("proto/*.md"), *ROOT.glob("bench/*.md")]
    return sorted(found)


def broken(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.finditer(text):
        target, _, anchor = link["target"].partition("#")
        if target.startswith(ANYWHERE):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            yield link["target"]


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are linked by."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    return {slug(heading) for heading in HEADING.findall(text)}


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub and MkDocs with GitHub's slugs make it."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = (c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).replace(" ", "-")
