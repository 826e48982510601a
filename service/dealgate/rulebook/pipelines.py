"""pipelines.v1.yaml: the ways that deals go, defined once for every kind that reads them.

A rule file takes them with `pipelines_from: 1` under `parameters`. What it takes stands in that
line's place: it is read, proved and sealed by the digest as if it had been written there. So a
released version keeps its stages, and other ones are a new file, which new versions take.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import Field, model_validator

from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.pipelines import PipelineTerms, pipelines_fault
from dealgate.model.terms import Name, Terms
from dealgate.rulebook.document import Fields, Node, Scalar
from dealgate.rulebook.fingerprint import fingerprint_of
from dealgate.rulebook.validation import validated

PIPELINES = re.compile(r"pipelines\.v([1-9]\d{0,5})\.yaml")
TAKES = "pipelines_from"
TAKEN = ("default_pipeline", "pipelines")


class PipelinesShape(Terms):
    """The whole file."""

    because: str = Field(min_length=1, description="Why deals go these ways")
    default_pipeline: Name | None = Field(
        None, description="The way of deals that name none and have no type; unset: the first"
    )
    pipelines: Mapping[Name, PipelineTerms] = Field(min_length=1, description="Every way, by name")

    @model_validator(mode="after")
    def _consistent(self) -> "PipelinesShape":
        wrong = pipelines_fault(self.pipelines, self.default_pipeline, ())
        if wrong:
            raise ValueError(wrong)
        return self


class SharedPipelines:
    """The files of pipelines in a rules folder; each is read once, when a version takes it."""

    def __init__(
        self, folder: Path, read: Callable[[Path], Node | None], faults: list[Fault]
    ) -> None:
        """`read` returns the tree in a file, or None and adds to `faults`."""
        self._folder = folder
        self._read = read
        self._faults = faults
        self._known: dict[str, Fields | None] = {}

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all of them."""
        return fingerprint_of(self._folder, self._paths())

    def taken(self, document: Node, kind: AnyKind) -> Node | None:
        """Return the document with the pipelines that it takes, in place.

        None if it takes what cannot be taken, and faults are added: one where it is taken, so that
        a file that only drafts take spoils those alone.
        """
        parameters = document.get("parameters") if isinstance(document, Fields) else None
        if not isinstance(document, Fields) or not isinstance(parameters, Fields):
            return document
        number = parameters.get(TAKES)
        if not isinstance(number, Scalar) or TAKES not in kind.parameters.model_fields:
            return document
        twice = [key for name in TAKEN if (key := parameters.key(name)) is not None]
        for key in twice:
            hint = f"write it there, or write the pipelines here and no {TAKES}"
            message = f"{key.value}: is also in the pipelines file"
            self._faults.append(key.fault(message, hint))
        shared = None if twice else self._shared(number)
        return None if shared is None else _joined(document, parameters, shared)

    def _shared(self, number: Scalar) -> Fields | None:
        if number.value in self._known and self._known[number.value] is None:
            self._spoilt(number)
        elif number.value not in self._known:
            self._known[number.value] = self._file_of(number)
        return self._known[number.value]

    def _spoilt(self, number: Scalar) -> None:
        message = f"{TAKES}: pipelines.v{number.value}.yaml cannot be taken"
        self._faults.append(number.fault(message, "its own faults say why"))

    def _file_of(self, number: Scalar) -> Fields | None:
        path = self._folder / f"pipelines.v{number.value}.yaml"
        if not PIPELINES.fullmatch(path.name) or not path.is_file():
            there = ", ".join(sorted(path.name for path in self._paths())) or "there is none"
            message = f"{TAKES}: {path.name} is missing"
            self._faults.append(number.fault(message, f"it lies above the kinds' folders: {there}"))
            return None
        document = self._read(path)
        if document is None or validated(document, PipelinesShape, self._faults) is None:
            self._spoilt(number)
            return None
        return document if isinstance(document, Fields) else None

    def _paths(self) -> Iterable[Path]:
        return pipelines_in(self._folder)


def pipelines_in(folder: Path) -> Sequence[Path]:
    """Return the files of pipelines in a rules folder."""
    return [path for path in folder.glob("pipelines.v*") if PIPELINES.fullmatch(path.name)]


def _joined(document: Fields, parameters: Fields, shared: Fields) -> Fields:
    taken = tuple(pair for pair in shared if pair[0].value in TAKEN)
    own = tuple(pair for pair in parameters if pair[0].value != TAKES)
    whole = Fields(parameters.source, parameters.start, (*own, *taken))
    fields = tuple((key, whole if value is parameters else value) for key, value in document)
    return Fields(document.source, document.start, fields)
