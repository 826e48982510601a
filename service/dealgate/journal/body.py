"""Bodies of records: zstd with a trained dictionary, which is data and kept beside them."""

from collections.abc import Callable
from typing import TypeAlias

from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor

LEVEL = 3

# Returns the bytes of a dictionary by its id.
Load: TypeAlias = Callable[[int], bytes]


class Bodies:
    """Packs and unpacks bodies, on one thread."""

    def __init__(self, load: Load, newest: int | None) -> None:
        """Pack with the dictionary `newest`; `load` finds it and those of older bodies."""
        self._load_bytes = load
        self._decompressors: dict[int | None, ZstdDecompressor] = {}
        self.use(newest)

    def use(self, dictionary: int | None) -> None:
        """Pack with this dictionary from now on; None: without one."""
        self._dictionary = dictionary
        # The checksum finds what a database would not: bytes that rotted on disk.
        self._compressor = ZstdCompressor(
            level=LEVEL,
            dict_data=self._load(dictionary),
            write_checksum=True,
        )

    def pack(self, body: bytes) -> tuple[int | None, bytes]:
        """Return the dictionary used and the packed body."""
        return self._dictionary, self._compressor.compress(body)

    def unpack(self, dictionary: int | None, packed: bytes) -> bytes:
        """Return the exact body; raise ZstdError if it was damaged."""
        if dictionary not in self._decompressors:
            loaded = self._load(dictionary)
            self._decompressors[dictionary] = ZstdDecompressor(dict_data=loaded)
        return self._decompressors[dictionary].decompress(packed)

    def _load(self, dictionary: int | None) -> ZstdCompressionDict | None:
        return None if dictionary is None else ZstdCompressionDict(self._load_bytes(dictionary))
