"""The contents of a rules folder, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dealgate.lsp.checking import CheckVerdict
from dealgate.model.faults import Fault
from dealgate.proof.case_facts import CaseFacts
from dealgate.rulebook.acceptance import Accepted
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.spoiling import Sorted


class Outrun(Exception):
    """Something newer was typed: nobody waits for this any more."""


class FolderDiagnosis(NamedTuple):
    """What is wrong; not `whole`: of some version nothing is proved yet."""

    told: Sequence[CheckVerdict]
    whole: bool


class FolderContents(NamedTuple):
    """The contents of a folder, what its cases accept, by version, and what is wrong."""

    catalog: Catalog
    accepted: Mapping[str, Sequence[Accepted]]
    faults: Sorted


class OfCases(NamedTuple):
    """What the cases of a version say, as long as the `key` is the same."""

    key: object
    faults: Sequence[Fault]
    accepted: Sequence[Accepted]
    facts: CaseFacts
