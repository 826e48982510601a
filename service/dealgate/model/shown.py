"""Makes untrusted text visible: the one function between it and terminals, logs, XML and plots.

A fact, an id or a reason may hold what a reader does not see and a terminal obeys: escapes that
clear the screen, line breaks that forge lines, marks that turn the direction of writing.
"""

import json
import re
from collections.abc import Callable

# Control characters of both sets, line and paragraph separators, marks of direction, characters
# without width or ink, selectors that smuggle bytes, what no text may hold. XML 1.0 takes none of
# the first.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
NAMELESS = "?"


def name_told(text: str) -> str:
    """Return a key that somebody sent, as paths in errors show it; "?" if it is not declared.

    A key that is not a name may be anything: an address of somebody, an escape, a megabyte.
    """
    return text if NAME.fullmatch(text) else NAMELESS


def visible(text: str, keep: str = "", written: Callable[[str], str] | None = None) -> str:
    r"""Return the text with what cannot be seen written out: "\x1b[2J", "\u202e"; `keep` stays."""
    write = written or _written
    return UNSEEN.sub(lambda match: match[0] if match[0] in keep else write(match[0]), text)


def visible_json(text: str) -> str:
    """Return JSON that says the same and shows everything: in JSON's own escapes."""
    return visible(text, keep="\n\t", written=lambda character: json.dumps(character)[1:-1])


def shown_in_html(value: object) -> object:
    """Return what a template is to show for a value; our own markup stays as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, keep="\n\t")
    return value


def _written(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
