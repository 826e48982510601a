"""What a workbook would cost to read, told before it is read.

A file of a few kilobytes can unpack to gigabytes, or merge the seventeen billion cells of a sheet,
each of which the reader of workbooks makes.
"""

import re
import zipfile
from pathlib import Path

from openpyxl.utils import range_boundaries

from dealgate.desk.exchange import NotExported

UNPACKED_BYTES = 24 * 2**20  # tables of a megabyte each fit
MOST_ELEMENTS = 200_000  # of XML: two for each cell, and two more for each text; some seconds
MOST_JOINED = 10_000  # cells that are merged, or are one link
JOINED = re.compile(
    rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref\s*=\s*[\"']([A-Z]+\d+:[A-Z]+\d+)[\"']"
)


def check_bounds(path: Path) -> None:
    """Raise NotExported if the file at `path` would take minutes or gigabytes to read."""
    with zipfile.ZipFile(path) as packed:
        size = sum(member.file_size for member in packed.infolist())
        if size > UNPACKED_BYTES:
            raise NotExported(
                f"it unpacks to {size:,} bytes, more than {UNPACKED_BYTES:,}: "
                "delete all but the tables"
            )
        # UTF-16 is UTF-8 with NULs, where names and places are meant.
        parts = [packed.read(name).replace(b"\0", b"") for name in packed.namelist()]
    elements = sum(part.count(b"</") + part.count(b"/>") for part in parts)
    if elements > MOST_ELEMENTS:
        raise NotExported(
            f"it has {elements:,} cells, texts and formats, more than {MOST_ELEMENTS:,}: "
            "delete all but the tables, and the empty rows below them; or edit the CSV"
        )
    for joined in (match[1].decode() for part in parts for match in JOINED.finditer(part)):
        first, top, last, bottom = (bound or 1 for bound in range_boundaries(joined))
        if (abs(last - first) + 1) * (abs(bottom - top) + 1) > MOST_JOINED:
            raise NotExported(f"cells {joined} are merged or are one link: split or delete them")
