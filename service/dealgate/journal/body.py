"""Bodies of records: zstd with a trained dictionary, which is data and kept in the same file."""

import apsw
from zstandard import ZstdCompressionDict, ZstdCompressor, ZstdDecompressor

LEVEL = 3


class Bodies:
    """Packs and unpacks bodies; belongs to one connection and one thread."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._decompressors: dict[int | None, ZstdDecompressor] = {}
        self.use(db.execute("SELECT max(id) FROM dictionaries").get)

    def use(self, dictionary: int | None) -> None:
        """Pack with this dictionary from now on; None: without one."""
        self._dictionary = dictionary
        # The checksum finds what SQLite would not: bytes that rotted on disk.
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
        if dictionary is None:
            return None
        found = self._db.execute("SELECT bytes FROM dictionaries WHERE id = ?", (dictionary,)).get
        return ZstdCompressionDict(found)
