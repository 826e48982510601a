"""The cases of a signal: events in event time, and what must fire."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dealgate.model.bounds import out_of_bounds
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.location import Location
from dealgate.model.malformed import malformed
from dealgate.rulebook.document import Items, Node, below
from dealgate.rulebook.faults import RulebookFaults, coded_as
from dealgate.rulebook.instants import nanoseconds, written
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.read_files import read_document
from dealgate.rulebook.validation import validated
from dealgate.signals.declared import ACTIVITY, Entity, Happening, Signal, entity_of
from dealgate.signals.file_shapes import EventShape, SignalCaseShape, SignalCasesShape
from dealgate.signals.patterns import Firing
from dealgate.signals.signal_folder import SignalFolder
from dealgate.signals.timeline import advance

USUAL = "lead/1"
Fired = tuple[str, Firing]


@dataclass(frozen=True, slots=True)
class TriedCase:
    """How a case went; no faults: all is as expected."""

    name: str
    location: Location
    faults: Sequence[Fault]


@dataclass(slots=True)
class Tried:
    """What the cases of one signal came to. `file` is where they stand."""

    signal: Signal
    file: str
    cases: list[TriedCase] = field(default_factory=list)
    fired: bool = False
    quiet: bool = False


def try_signals(folder: SignalFolder, text: str = "") -> Sequence[Tried]:
    """Try the cases of every signal that have `text` in their names, and tell what none shows.

    Raises RulebookFaults for files that cannot be read.
    """
    faults: list[Fault] = []
    results = [_tried(folder, signal, text, faults) for signal in folder.signals.values()]
    if faults:
        raise RulebookFaults(faults)
    return results


def case_faults(folder: SignalFolder) -> Sequence[Fault]:
    """Return what is not valid in files of cases, whether or not the cases hold."""
    faults: list[Fault] = []
    for signal in folder.signals.values():
        tried = _tried(folder, signal, "", faults)
        faults += [
            fault
            for case in tried.cases
            for fault in case.faults
            if fault.code is Code.CASES_INVALID
        ]
    return faults


def _tried(folder: SignalFolder, signal: Signal, text: str, faults: list[Fault]) -> Tried:
    path = folder.cases.get(signal.name)
    tried = Tried(signal, signal.location.file)
    if path is not None:
        with coded_as(Code.CASES_INVALID, faults):
            document = read_document(folder.folder, path, faults)
            shape = document and validated(document, SignalCasesShape, faults)
            if document is not None and shape:
                tried.file = document.location.file
                _try(folder, tried, document, shape, text)
    if not text:
        tried.cases += _unseen(tried)
    return tried


def _try(
    folder: SignalFolder, tried: Tried, document: Node, shape: SignalCasesShape, text: str
) -> None:
    nodes = below(document, "cases")
    items = nodes.items if isinstance(nodes, Items) else ()
    for node, case in zip(items, shape.cases, strict=True):
        if text.lower() in case.case.lower():
            tried.cases.append(_Case(folder, tried, node, case).run())


class _Case:
    """One case."""

    def __init__(
        self, folder: SignalFolder, tried: Tried, node: Node, shape: SignalCaseShape
    ) -> None:
        self._contexts, self._tried = folder.contexts, tried
        self._node, self._shape = node, shape
        self._subject = f"case {shape.case}"
        self._faults: list[Fault] = []

    def run(self) -> TriedCase:
        with coded_as(Code.CASES_INVALID, self._faults):
            events = [event for item in self._events() if (event := self._event(*item)) is not None]
            until = self._until(events)
        if not self._faults:
            fired, undecided = self._fired(events, until)
            self._tried.fired |= bool(fired)
            self._tried.quiet |= not fired and bool(events)
            with coded_as(Code.CASE_FAILS, self._faults):
                self._faults += self._compared(fired, undecided)
        return TriedCase(self._shape.case, self._node.location, self._faults)

    def _events(self) -> Iterator[tuple[Node, EventShape, int]]:
        nodes = below(self._node, "events")
        items = nodes.items if isinstance(nodes, Items) else ()
        for number, (node, shape) in enumerate(zip(items, self._shape.events, strict=True)):
            yield node, shape, number

    def _event(self, node: Node, shape: EventShape, number: int) -> Happening | None:
        faults, signal = self._faults, self._tried.signal
        at = self._instant(below(node, "at") or node, shape.at)
        name = ACTIVITY if signal.feed == ACTIVITY else "outcome"
        held = below(node, name)
        if held is None:
            text = f"{self._subject}: an event of {signal.feed} has '{name}'"
            faults.append(node.fault(text, f"write {name}: {{…}}"))
            return None
        entity = entity_of(shape.about or USUAL)
        if entity is None:
            text = f"{self._subject}: '{shape.about}' is not the type and the id of an entity"
            faults.append((below(node, "about") or node).fault(text, f"write {USUAL}"))
            return None
        context = self._context(held, entity, signal.feed)
        return Happening(shape.id or f"{number:06}", at, entity, signal.feed, context)

    def _context(self, held: Node, entity: Entity, feed: str) -> Any:
        """Return what conditions read of an event."""
        context: Any = self._contexts.of(feed)()
        context.entity.type, context.entity.id = entity.type, entity.id
        into = context.activity if feed == ACTIVITY else context.outcome
        into.SetInParent()
        read_message(held, into, self._subject, self._faults)
        for violation in [*malformed(into), *out_of_bounds(into)]:
            text = f"{self._subject}: {violation.field} {violation.description}"
            self._faults.append(held.fault(text))
        return context

    def _until(self, events: Sequence[Happening]) -> int:
        """Return the watermark that the case ends with: by default, just after the last event."""
        latest = max((event.at for event in events), default=0) + 1
        if self._shape.until is None:
            return latest
        return self._instant(below(self._node, "until") or self._node, self._shape.until)

    def _instant(self, node: Node, text: str) -> int:
        at = nanoseconds(text)
        if at is None:
            message = f"{self._subject}: '{text}' is not a valid instant"
            self._faults.append(node.fault(message, "write it in UTC: 2026-06-01T10:00:00Z"))
        return at or 0

    def _fired(self, events: Sequence[Happening], until: int) -> tuple[Sequence[Fired], int]:
        signal = self._tried.signal
        fired: list[Fired] = []
        undecided = 0
        for entity in sorted({str(event.entity) for event in events}):
            own = [event for event in events if str(event.entity) == entity and event.at < until]
            result = advance({signal.name: signal}, {}, own, until)
            fired += [(entity, firing) for _, firing in result.firings]
            undecided += len(result.undecided)
        return sorted(fired, key=lambda pair: (pair[1].at, pair[0])), undecided

    def _compared(self, fired: Sequence[Fired], undecided: int) -> Iterator[Fault]:
        nodes = below(self._node, "fires")
        items = nodes.items if isinstance(nodes, Items) else ()
        expected = [
            (shape.about or USUAL, self._instant(node, shape.at), shape.count, shape.value)
            for node, shape in zip(items, self._shape.fires, strict=True)
        ]
        if self._faults:
            return  # an instant that is none
        actual = [(entity, firing.at, firing.count, firing.value) for entity, firing in fired]
        for index, wanted in enumerate(expected):
            if index >= len(actual) or not _fits(wanted, actual[index]):
                what = "nothing more" if index >= len(actual) else _told(*actual[index])
                yield items[index].fault(f"{self._subject}: {what} fires, not {_told(*wanted)}")
                return
        for extra in actual[len(expected) :][:1]:
            at = nodes or self._node
            yield at.fault(f"{self._subject}: {_told(*extra)} fires, which was not expected")
        if undecided != self._shape.undecided:
            at = below(self._node, "undecided") or self._node
            text = f"{self._subject}: {undecided} conditions or values were not known"
            yield at.fault(f"{text}, not {self._shape.undecided}", f"undecided: {undecided}")


def _fits(wanted: Sequence[Any], actual: Sequence[Any]) -> bool:
    return all(want is None or want == have for want, have in zip(wanted, actual, strict=True))


def _told(entity: str, at: int, count: int | None, value: Any) -> str:
    more = f", count {count}" if count else ""
    more += f", value {value}" if value is not None else ""
    return f"{entity} at {written(at)}{more}"


def _unseen(tried: Tried) -> Iterator[TriedCase]:
    """Yield what no case shows: that it fires, and that it stays quiet."""
    name = tried.signal.name
    for seen, code, how in (
        (tried.fired, Code.RULE_UNSEEN_FIRING, "fires"),
        (tried.quiet, Code.RULE_UNSEEN_QUIET, "stays quiet"),
    ):
        if not seen:
            location = tried.signal.location
            text = f"signal {name}: no case shows that it {how}"
            fault = Fault(location, text, f"write one in {name}.cases.yaml", code=code)
            yield TriedCase(f"{name} {how}", location, [fault])
