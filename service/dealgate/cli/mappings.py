"""Files of `--map`: read, checked with their cases, and made into what reads deliveries."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dealgate.cli.echo import echo
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.expressions import expression_checker

if TYPE_CHECKING:
    from dealgate.inbox.consumer import Reader
    from dealgate.inbox.mapping import Mapped
    from dealgate.rulebook.document import Node

FAILED = 1


def check_mappings(paths: Sequence[Path]) -> None:
    """Say what is wrong with mappings, and which of their cases do not hold."""
    from dealgate.inbox.map_cases import failed_cases  # noqa: PLC0415 - needs the client

    if not paths:
        give_up("--check is about a file: dealgate consume --map crm.yaml --check")
    for path in paths:
        mapped, document = _mapped(path)
        number, faults = failed_cases(mapped, document)
        if faults:
            give_up("\n".join(map(str, faults)), FAILED)
        echo(f"{path}: {number} case(s) passed")


def _mapped(path: Path) -> "tuple[Mapped, Node]":
    from dealgate.inbox.map_file import read_map  # noqa: PLC0415 - as above

    with faults_shown():
        return read_map(path, expression_checker())


def reader_of(mappings: Sequence[Path], signals: Path | None) -> "Reader":
    """Return what reads deliveries; raises RulebookFaults."""
    from dealgate.inbox import reader  # noqa: PLC0415 - as above
    from dealgate.signals.arriving import TYPES  # noqa: PLC0415 - as above

    mapped = [_mapped(path)[0] for path in mappings]
    if sum(mapping.asks for mapping in mapped) > 1:
        give_up("two files of --map ask a question: an event asks one; run a consumer for each")
    if mapped:
        read = reader.reading_all([mapping.read for mapping in mapped])
        return read if signals is None else reader.leaving_activities(read)
    return reader.read_question if signals is None else reader.reader_hearing(TYPES)
