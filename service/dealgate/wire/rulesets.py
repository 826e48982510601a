"""The catalog as callers see it: ListRuleSets and GetRuleSet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel

from dealgate.model.editions import Editions
from dealgate.model.errors import BadQuestion, UnknownRuleSet, Violation
from dealgate.model.instants import nanoseconds, timestamp
from dealgate.model.malformed import malformed
from dealgate.model.rules import AnyRule, AnyRuleSet, Release
from dealgate.v1 import rule_service_pb2 as pb
from dealgate.wire.arrival import Arrive
from dealgate.wire.calls import Call
from dealgate.wire.demands import token_of
from dealgate.wire.faults import told


class Catalog(Protocol):
    """Every rule set and release, read only."""

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return the version of `kind` that decides at `as_of` (ns), or raise UnknownRuleSet."""

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return that version, released or draft, or raise UnknownRuleSet."""

    def all(self) -> Sequence[AnyRuleSet]:
        """Return every version of every kind, in any order."""

    def releases(self, kind: str) -> Sequence[Release]:
        """Return the kind's releases, in any order; none if there is no such kind."""

    def waiting(self, kind: str) -> Sequence[Release]:
        """Return the kind's lines that wait for signatures."""

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind and scope."""

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Whether a tenant may know of a scope, named like "qualify/dach"; of kinds all may."""

    def digest_for(self, tenant: str) -> str:
        """SHA-256 of all that may decide for a tenant."""


class RuleSets:
    """Answers ListRuleSets and GetRuleSet."""

    def __init__(self, live: Editions[Catalog], arrive: Arrive) -> None:
        """`arrive` tells what "now" is."""
        self._live = live
        self._arrive = arrive

    async def outline(self, request: pb.ListRuleSetsRequest, call: Call) -> pb.ListRuleSetsResponse:
        """Outline every version, by kind and version."""
        edition = self._live.edition
        wanted = [
            ruleset
            for ruleset in edition.catalog.all()
            if request.kind in {"", ruleset.kind, ruleset.shelf} and call.allows(ruleset.kind)
            if is_visible(ruleset, call.viewer)
        ]
        wanted.sort(key=lambda item: (item.kind, item.scope, item.version))
        now = self._arrive().at
        return pb.ListRuleSetsResponse(
            rule_sets=[_summary(edition.catalog, one, now) for one in wanted],
            catalog=pb.CatalogSummary(
                digest=edition.catalog.digest_for(call.viewer),
                edition=edition.number,
                taken_at=timestamp(edition.taken_at),
                last_reload=told(self._live.last, _knows(edition.catalog, call.viewer)),
                edition_token=token_of(edition.catalog, {ruleset.shelf for ruleset in wanted}),
            ),
        )

    async def get(self, request: pb.GetRuleSetRequest, call: Call) -> pb.GetRuleSetResponse:
        """Return one version, named, or found by the instant at which it decides."""
        _check(request)
        kind, _, scope = request.kind.partition("/")
        call.allow(kind)
        now = self._arrive().at
        catalog = self._live.edition.catalog
        if scope and not catalog.may_know(request.kind, call.viewer):
            raise UnknownRuleSet(f"{kind} has no scope '{scope}'")
        if request.HasField("version"):
            found = catalog.version(request.kind, request.version)
        else:
            given = request.HasField("as_of")
            found = catalog.at(request.kind, nanoseconds(request.as_of) if given else now)
        if not is_visible(found, call.viewer):
            raise UnknownRuleSet(f"{found.kind} has no scope '{found.scope}'")
        rules = [_rule(rule) for rule in found.rules]
        return pb.GetRuleSetResponse(summary=_summary(catalog, found, now), rules=rules)


def _summary(catalog: Catalog, ruleset: AnyRuleSet, now: int) -> pb.RuleSetSummary:
    mine = [r for r in catalog.releases(ruleset.shelf) if r.version == ruleset.version]
    mine.sort(key=lambda release: release.effective_from)
    waiting = [r for r in catalog.waiting(ruleset.shelf) if r.version == ruleset.version]
    return pb.RuleSetSummary(
        kind=ruleset.kind,
        version=ruleset.version,
        digest=ruleset.digest,
        owner=ruleset.owner,
        because=ruleset.because,
        rule_count=len(ruleset.rules),
        releases=[released(release) for release in mine],
        waiting=[released(release) for release in waiting],
        active=_active(catalog, ruleset.shelf, now) == ruleset.version,
        scope=ruleset.scope,
        narrows=0 if ruleset.narrowing is None else ruleset.narrowing.base,
    )


def _knows(catalog: Catalog, tenant: str) -> Callable[[str], bool]:
    """Return whether a tenant may know of a scope, if that is what two folders are."""
    kinds = {ruleset.kind for ruleset in catalog.all()}
    return lambda folders: (
        folders.partition("/")[0] not in kinds or catalog.may_know(folders, tenant)
    )


def hidden_from(catalog: Catalog, tenant: str) -> frozenset[str]:
    """Return what this tenant may not know of: scopes for another, as "qualify/acme"."""
    return frozenset(rules.shelf for rules in catalog.all() if not is_visible(rules, tenant))


def is_visible(ruleset: AnyRuleSet, tenant: str) -> bool:
    """Whether this tenant may know of a rule set: of a scope for another it may not."""
    return ruleset.narrowing is None or ruleset.narrowing.is_visible_to(tenant)


def _active(catalog: Catalog, kind: str, now: int) -> int | None:
    try:
        return catalog.at(kind, now).version
    except UnknownRuleSet:
        return None


def _check(request: pb.GetRuleSetRequest) -> None:
    violations = malformed(request)
    if not request.kind:
        violations.append(Violation("kind", "is required"))
    if request.HasField("version") and request.HasField("as_of"):
        violations.append(Violation("as_of", "names another version; unset it, or version"))
    if violations:
        raise BadQuestion(violations)


def released(release: Release) -> pb.RuleSetRelease:
    """Return a line of releases.yaml as callers see it."""
    return pb.RuleSetRelease(
        effective_from=timestamp(release.effective_from),
        released_by=release.by,
        because=release.because,
        signed_by=list(release.signatures),
    )


def _rule(rule: AnyRule) -> pb.RuleText:
    effect: BaseModel = rule.then
    return pb.RuleText(
        rule_id=rule.id,
        condition=rule.when.source if rule.when else "",
        each=f"{rule.each.variable} in {rule.each.items.source}" if rule.each else "",
        effect=effect.model_dump_json(exclude_unset=True),
        because=rule.because,
        place=f"{rule.location.file}:{rule.location.line}",
    )
