"""`dealgate init`: rules that come with the package, to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.selection import kind_of
from dealgate.cli.shown import give_up
from dealgate.desk.expressions import expression_checker
from dealgate.desk.starter import NotEmpty, begin_rules
from dealgate.kinds import KINDS

NEXT = """\
Now:
  dealgate check                 prove the rules
  dealgate test                  run their cases
  dealgate serve                 decide, over gRPC on localhost:50051
{folder}/README.md says how to change them.
"""


def init(
    folder: Annotated[
        Path, typer.Argument(help="The folder in which to create `rules`.", show_default="here")
    ] = Path(),
    kinds: Annotated[
        str | None,
        typer.Option(help="The kinds of decisions: `qualify,score`.", show_default="all"),
    ] = None,
) -> None:
    """Write starter rules: a version of each kind, with its cases, which is in effect at once.

    Existing files are not overwritten.
    """
    names = list(KINDS) if kinds is None else [name.strip() for name in kinds.split(",")]
    for name in names:
        kind_of(name)
    rules = folder / "rules"
    chosen = [KINDS[name] for name in dict.fromkeys(names)]
    try:
        written = begin_rules(rules, chosen, expression_checker())
    except NotEmpty as error:
        give_up(str(error))
    listed = ", ".join(kind.name for kind in chosen)
    echo(f"{rules}: {len(written)} files written, rules for {listed}.")
    echo(NEXT.format(folder=rules), nl=False)
