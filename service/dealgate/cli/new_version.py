"""`dealgate new-version`: the next version of a kind's rules, as a draft."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.selection import kind_of, named_version, read, version_or_leave
from dealgate.cli.shown import give_up, told_as
from dealgate.desk.appending import replace_durably
from dealgate.desk.drafting import WHY
from dealgate.desk.drafting.versions import Texts, newest, next_version

Source = Annotated[
    str,
    typer.Argument(help="`qualify`: its newest version; `qualify@2`: that one.", metavar="KIND"),
]


def new_version(
    source: Source,
    because: Annotated[str, typer.Option("--because", help="Why this version exists.")] = WHY,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Copy the newest version of a kind, with its cases and tables, to the next number.

    The result is a draft: change it, then test and release it. An existing draft is not copied:
    change that one, or name the version to copy for a second draft.
    """
    with told_as(format_):
        kind, _, version = source.partition("@")
        catalog = read(rules, kind_of(kind, rules))
        last = newest(rules / kind)
        if version:
            copied = version_or_leave(catalog, *named_version(source, None, rules)).version
        elif any(line.version == last for line in catalog.releases(kind)):
            copied = last
        else:
            give_up(
                f"{kind}@{last} is a draft already: change it, release or discard it;"
                f" for a second draft, name the version to copy: {kind}@{last}"
            )
        save(next_version(rules / kind, copied, because, number=last + 1))


def save(texts: Texts) -> None:
    """Write files that are new or have changed, and say so."""
    for path, text in texts.items():
        if not Path(path).exists() or path.read_text(encoding="utf-8") != text:
            word = "changed" if path.exists() else "written"
            replace_durably(path, text.encode())
            echo(f"{path}: {word}")
