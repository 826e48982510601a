"""What the contracts say in comments, by file and full name: what protoc writes carries none.

Lines are left out: a new one would change all below it, and any two changes would collide.
An enum's value goes by its enum: "dealgate.v1.Seniority.SENIORITY_VP".
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

# Where each list of declarations stands in its parent, by number, as descriptor.proto has it.
PARTS = {
    "FileDescriptorProto": {"message_type": 4, "enum_type": 5, "service": 6},
    "DescriptorProto": {"field": 2, "nested_type": 3, "enum_type": 4, "oneof_decl": 8},
    "EnumDescriptorProto": {"value": 2},
    "ServiceDescriptorProto": {"method": 2},
}
Path = tuple[int, ...]


def comments_text(image: bytes) -> str:
    """Return the comments in an image (a FileDescriptorSet with source info), as JSON."""
    texts: dict[str, dict[str, str]] = {}
    for file in FileDescriptorSet.FromString(image).file:
        locations = {tuple(location.path): location for location in file.source_code_info.location}
        for path, name in _declared(file, file.package, ()):
            location = locations.get(path)
            if location is None:  # what protoc makes of `optional`
                continue
            lines = [line.strip() for line in location.leading_comments.strip().splitlines()]
            texts.setdefault(file.name, {})[name] = " ".join(lines)
    return json.dumps(texts, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _declared(parent: Any, prefix: str, path: Path) -> Iterator[tuple[Path, str]]:
    for part, number in PARTS.get(type(parent).__name__, {}).items():
        children: Sequence[Any] = getattr(parent, part)
        for index, child in enumerate(children):
            name, below = f"{prefix}.{child.name}", (*path, number, index)
            yield below, name
            yield from _declared(child, name, below)
