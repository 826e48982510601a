"""The options of `dealgate impact`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Version = Annotated[
    str, typer.Argument(help="The version, usually a draft: qualify@3 or qualify/emea@2.")
]
Against = Annotated[
    int | None, typer.Option(help="The version to compare with; default: the one in effect.")
]
Since = Annotated[str | None, typer.Option(help="Only decisions since: 90d, or 2026-01-31.")]
Sample = Annotated[
    int | None, typer.Option(min=1, help="Size of a random sample of decisions; default: all.")
]
Treated = Annotated[str | None, typer.Option(help="The outcomes that lead to an action: MQL,SQL.")]
FailOver = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-over", help="Exit with 1 if the impact exceeds 2%, or EUR 50000; repeatable."
    ),
]
Parquet = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER", help="Output folder of `dealgate export`, instead of a journal."
    ),
]
Spark = Annotated[
    str | None,
    typer.Option(
        metavar="MASTER", help="Decide again on Apache Spark: local[2,4]; with --parquet."
    ),
]
Format = Annotated[
    Literal["text", "json", "junit", "html", "github", "sarif"],
    typer.Option("--format", help="For people, programs, CI, a browser or a code host."),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="The output file; default: the screen.")
]
