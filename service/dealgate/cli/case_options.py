"""The options of `dealgate test`."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Format(Enum):
    """How the results are reported."""

    TEXT = "text"
    JUNIT = "junit"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


EngineName = Annotated[str, typer.Option(help="`native` or `rete`.")]
NamedLike = Annotated[
    str,
    typer.Option("--filter", metavar="TEXT", help="Only cases whose name contains this text."),
]
Mutate = Annotated[
    bool, typer.Option("--mutate", help="Mutate the rules; at least one case must fail.")
]
Newest = Annotated[
    bool, typer.Option("--newest", help="With --mutate: only the newest version of each kind.")
]
KnownFile = Annotated[
    Path | None,
    typer.Option(
        "--known",
        metavar="FILE",
        help="With --mutate: skip rules whose results are in this file; add the others.",
    ),
]
Suggest = Annotated[
    bool, typer.Option("--suggest", help="Write the missing cases, ready to paste.")
]
ResultFormat = Annotated[Format, typer.Option("--format", help="Output format.")]
OutputFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Output file; default: the screen.")
]
