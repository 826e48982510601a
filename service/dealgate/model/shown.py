"""Text of strangers made visible: the one function between it and terminals, logs, XML and plots.

A fact, an id or a reason may hold what a reader does not see and a terminal obeys: escapes that
clear the screen, line breaks that forge lines, marks that turn the direction of writing.
"""

import re

# Control characters of both sets, line and paragraph separators, marks of direction, characters
# without width, what no text may hold. XML 1.0 takes none of the first.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str, keep: str = "") -> str:
    r"""Return the text with what cannot be seen written out: "\x1b[2J", "\u202e"; `keep` stays."""
    return UNSEEN.sub(lambda match: match[0] if match[0] in keep else _written(match[0]), text)


def _written(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
