"""The smallest changes of facts that would have led to another outcome.

A flip is found by search over the boundaries of the rules' own conditions, not by sampling: one
changed fact first, then two. Each is verified by deciding again, and none holds a smaller one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice
from time import monotonic, sleep

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dealgate.explain.candidates import Candidate, Candidates
from dealgate.explain.fact_positions import NEW, Spot, additions, changed, read, spots
from dealgate.explain.fixed_facts import Leeway
from dealgate.explain.flip_results import Bounds, Flip, Flips, by_size, says_less
from dealgate.explain.mending import Mending
from dealgate.explain.probes import Probes
from dealgate.explain.scales import scale_of
from dealgate.explain.verdicts import WhatIfJudge, WhatIfVerdict
from dealgate.model.fields import Held
from dealgate.v1.fixed_pb2 import FIXED_UNSPECIFIED, FIXED_VALUE

OF_ONE_LIST = 20
# What a plain element says before anything is said of it; numbers are 0.
EMPTY: Mapping[int, Held] = {
    FieldDescriptor.CPPTYPE_STRING: "",
    FieldDescriptor.CPPTYPE_BOOL: False,
}


class Search:
    """One search; `base` is what is decided now."""

    def __init__(
        self, judge: WhatIfJudge, facts: Message, base: WhatIfVerdict, bounds: Bounds
    ) -> None:
        """`facts` are not changed."""
        self._judge = judge
        self._facts = facts
        self._base = base
        self._bounds = bounds
        self._ends = None if bounds.seconds is None else monotonic() + bounds.seconds
        self._probes = Probes(judge)
        self._tries = 0
        self._bound = ""
        self._last_flipped = False
        self._flips: dict[tuple[object, ...], Flip] = {}
        self._learnt: dict[tuple[object, ...], Flip] = {}
        ruleset = judge.program.ruleset
        self._leeway = Leeway(ruleset.message, ruleset.fixed, ruleset.changeable)

    def run(self) -> Flips:
        """Return what was found within the bounds."""
        quiet = [
            used for candidate in self._candidates() if (used := self._quiet(candidate)) is not None
        ]
        self._learn()
        mended = self._mended(quiet)
        for pair in self._pairs(quiet):
            if self._is_over():
                break
            self._try(pair)
        flips = tuple(self._with_alike(f) for f in sorted(self._flips.values(), key=by_size))
        learnt = tuple(self._learnt.values())
        return Flips(flips, self._tries, self._bound, mended, self._fixed(), learnt)

    def _mended(self, quiet: Sequence[Candidate]) -> Flip | None:
        """Return what mends all that decided, where single changes do not reach as far."""
        judge, facts = self._judge, self._facts
        mending = Mending(judge, self._probes, facts, self._base, self._is_late)
        if len(self._flips) >= len(mending.rests_on):
            return None
        flip = mending.flip(quiet)
        self._tries += mending.tries
        return Flip(*flip) if flip else None

    def _candidates(self) -> Iterator[Candidate]:
        candidates = self._all_of(self._leeway)
        for fact in self._probes.facts.values():
            if self._leeway.fixity(fact) == FIXED_VALUE:
                continue
            for number, spot in enumerate(spots(fact, self._facts)):
                if number >= OF_ONE_LIST:
                    self._bound = f"only the first {OF_ONE_LIST} elements of a list were changed"
                    break
                if self._is_over():
                    return
                yield from candidates.of(spot)
            if fact.element:
                for spot in additions(fact, self._facts):
                    yield from self._new(candidates, spot)

    def _all_of(self, leeway: Leeway) -> Candidates:
        return Candidates(self._probes, self._facts, self._judge.as_of, leeway)

    def _learn(self) -> None:
        """Try what facts that cannot change may turn out to be where nobody sent them."""
        candidates = self._all_of(replace(self._leeway, fixed=(), free=True))
        for spot in self._unknown():
            for candidate in candidates.of(spot):
                if self._is_over():
                    return
                self._try((candidate,), self._learnt)

    def _unknown(self) -> Iterator[Spot]:
        """Yield the facts that rules wanted to read and did not get, of those that are fixed."""
        missing = set(self._base.evidence.missing)
        for fact in self._probes.facts.values():
            if self._leeway.fixity(fact) != FIXED_UNSPECIFIED:
                for spot in islice(spots(fact, self._facts), OF_ONE_LIST):
                    if spot.path in missing:
                        yield spot

    def _fixed(self) -> Sequence[str]:
        """Return the paths of known facts that no flip may change."""
        return tuple(
            fact.path
            for fact in self._probes.facts.values()
            if self._leeway.fixity(fact) == FIXED_VALUE
            and any(read(spot, self._facts) is not None for spot in spots(fact, self._facts))
        )

    def _new(self, candidates: Candidates, spot: Spot) -> Iterator[Candidate]:
        """Yield new elements, without those that say more than one that is enough."""
        enough: list[Candidate] = []
        for candidate in candidates.new(spot, self._blank(spot)):
            if self._is_over():
                return
            if not any(says_less(flip, candidate) for flip in enough):
                yield candidate
                if self._last_flipped:
                    enough.append(candidate)

    def _blank(self, spot: Spot) -> Held:
        """Return an empty element; with an id if the kind insists on one."""
        field = spot.fact.field
        if field.message_type is None:
            return EMPTY.get(field.cpp_type, 0)
        scale = scale_of(field, "EUR")
        if scale is not None:  # a date or an amount, which holds something
            return scale.value(max(0, scale.low))
        blank: Held = GetMessageClass(field.message_type)()
        facts = changed(self._facts, [(spot, blank)])
        kind, parameters = self._judge.kind, self._judge.program.ruleset.parameters
        path = f"{spot.path.removesuffix(NEW)}["
        held = kind.check(facts, parameters, self._judge.as_of)
        if any(
            violation.field.startswith(path) and violation.field.endswith("].id")
            for violation in held
        ):
            blank.id = "added"
        return blank

    def _quiet(self, candidate: Candidate) -> Candidate | None:
        """Return the change if it is possible alone and leaves the outcome as it is.

        If the kind refuses its value, an equivalent one for all conditions is used.
        """
        for value in (candidate.after, *candidate.alike):
            rest = tuple(other for other in candidate.alike if other != value)
            used = replace(candidate, after=value, alike=rest)
            verdict = self._try((used,))
            if verdict is not None:
                return used if verdict.word == self._base.word else None
        return None

    def _pairs(self, quiet: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
        """Yield every two changes of different facts; first those that some rule reads both."""
        together = self._together()
        later = []
        for combination, other in combinations(quiet, 2):
            if combination.spot.within(other.spot) or other.spot.within(combination.spot):
                continue
            if (combination.spot.fact.path, other.spot.fact.path) in together:
                yield combination, other
            else:
                later.append((combination, other))
        yield from later

    def _together(self) -> set[tuple[str, str]]:
        return {(a, b) for paths in self._probes.rules.values() for a in paths for b in paths}

    def _try(
        self, changes: tuple[Candidate, ...], kept: dict[tuple[object, ...], Flip] | None = None
    ) -> WhatIfVerdict | None:
        self._tries += 1
        if self._bounds.gentle:
            # Python lets others wait 5 ms for a thread that computes: an age for a decision.
            sleep(0)
        self._last_flipped = False
        facts = changed(self._facts, [(change.spot, change.after) for change in changes])
        verdict = self._judge.judge(facts)
        if verdict is not None and verdict.word != self._base.word:
            self._last_flipped = not self._leaves_open(changes, verdict)
            if self._last_flipped:
                _keep(Flip(changes, verdict), self._flips if kept is None else kept)
        return verdict

    def _leaves_open(self, changes: tuple[Candidate, ...], verdict: WhatIfVerdict) -> bool:
        """Tell whether a new element says too little to judge some rule that was judged before."""
        known = {entry.rule.id for entry in self._base.evidence.undecided}
        opened = {entry.rule.id for entry in verdict.evidence.undecided} - known
        return bool(opened) and any(change.spot.is_new for change in changes)

    def _with_alike(self, flip: Flip) -> Flip:
        """Keep of the values that conditions cannot tell apart those that do lead there too."""
        if len(flip.changes) > 1:
            changes = tuple(replace(change, alike=()) for change in flip.changes)
            return replace(flip, changes=changes)
        (change,) = flip.changes
        alike = tuple(value for value in change.alike if self._leads(change, value, flip))
        return replace(flip, changes=(replace(change, alike=alike),))

    def _leads(self, change: Candidate, value: Held, flip: Flip) -> bool:
        verdict = self._judge.judge(changed(self._facts, [(change.spot, value)]))
        return verdict is not None and verdict.word == flip.verdict.word

    def _is_late(self) -> bool:
        return self._ends is not None and monotonic() > self._ends

    def _is_over(self) -> bool:
        if self._tries >= self._bounds.tries:
            self._bound = f"the search ended after {self._tries:,} verdicts"
        elif self._is_late():
            self._bound = f"the search ended after {self._bounds.seconds:g} s"
        else:
            return False
        return True


def _keep(flip: Flip, kept: dict[tuple[object, ...], Flip]) -> None:
    """Of numbers that move the same way to the same outcome, keep the one that moves least."""
    moves = tuple(
        (change.spot.path, change.direction or repr(change.after)) for change in flip.changes
    )
    known = kept.get((flip.verdict.word, moves))
    if known is None or flip.step < known.step:
        kept[flip.verdict.word, moves] = flip
