"""Places in a text as editors count them: lines, and UTF-16 units unless they ask for another."""

from bisect import bisect_right

from lsprotocol.types import Position, PositionEncodingKind, Range


class Positions:
    """Converts between code points and the positions of one text.

    Lines end at a line feed, as in `Source`; what else Unicode calls a line's end does not.
    """

    def __init__(self, text: str, encoding: str = PositionEncodingKind.Utf16) -> None:
        """`encoding` is what client and server have agreed on."""
        self.text = text
        self._encoding = encoding
        self._starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]

    def index(self, position: Position) -> int:
        """Return the code point at `position`, or the nearest there is."""
        if position.line >= len(self._starts):
            return len(self.text)
        at = self._starts[max(position.line, 0)]
        units = 0
        while at < len(self.text) and self.text[at] != "\n" and units < position.character:
            units += self._width(self.text[at])
            at += 1
        return at

    def position(self, index: int) -> Position:
        """Return the position of the code point at `index`."""
        index = min(max(index, 0), len(self.text))
        line = self.line(index)
        units = sum(self._width(letter) for letter in self.text[self._starts[line] : index])
        return Position(line, units)

    def line(self, index: int) -> int:
        """Return the line that the code point at `index` stands on, counted from 0."""
        return bisect_right(self._starts, index) - 1

    def range(self, start: int, end: int) -> Range:
        """Return the range of the code points from `start` to `end`."""
        return Range(self.position(start), self.position(end))

    def line_start(self, line: int) -> int:
        """Return where a line begins, counted from 0; that of the last one, if there are fewer."""
        return self._starts[min(max(line, 0), len(self._starts) - 1)]

    def _width(self, letter: str) -> int:
        if self._encoding == PositionEncodingKind.Utf32:
            return 1
        if self._encoding == PositionEncodingKind.Utf8:
            return len(letter.encode("utf-8", "surrogatepass"))
        return 2 if ord(letter) > 0xFFFF else 1
