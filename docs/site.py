"""The documentation as a site: the pages of this repository and a reference of each kind.

Usage: python docs/site.py [FOLDER]     (needs the extra `docs`; `make site`)

Pages are laid out as they lie in the repository, so that their links hold; a link to a file that
is no page leads nowhere on a site, and becomes plain text.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docs import reference
from docs.links import ANYWHERE, ROOT, pages

BUILT = ROOT / ".site"
LINK = re.compile(r"(?<!!)\[(?P<words>[^\]\n]*)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
SHOWN = {".md", ".png", ".svg"}


def stage(folder: Path) -> Path:
    """Lay all pages out in `folder`, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        target = folder / page.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_linked(page), encoding="utf-8")
    for image in (ROOT / "docs").rglob("*.png"):
        target = folder / image.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(image, target)
    reference.write(folder / "docs" / "reference", ROOT / "rules")
    return folder


def _linked(page: Path) -> str:
    """Return the text of a page in which links lead to pages alone."""

    def kept(link: re.Match[str]) -> str:
        target = link["target"]
        file = (page.parent / target).resolve()
        shown = target.startswith(ANYWHERE) or (file.is_file() and file.suffix in SHOWN)
        return link[0] if shown else link["words"]

    return LINK.sub(kept, page.read_text(encoding="utf-8"))


def main(folder: Path = BUILT) -> int:
    """Build the site below `folder`, and return the status of MkDocs."""
    staged = stage(folder / "pages")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(  # noqa: S603 - ourselves
        [*command, "--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(folder / "html")],
        env={**os.environ, "DEALGATE_SITE_PAGES": str(staged.resolve())},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
