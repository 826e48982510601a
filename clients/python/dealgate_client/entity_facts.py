"""Facts of entities as FactService takes them."""

from collections.abc import Iterable
from typing import TypeAlias

from dealgate_client.keys import new_key
from dealgate_client.v1.customer_pb2 import Customer
from dealgate_client.v1.fact_service_pb2 import EntityFacts
from dealgate_client.v1.lead_pb2 import Company, Lead
from dealgate_client.v1.opportunity_pb2 import Opportunity

Entity: TypeAlias = Lead | Company | Opportunity | Customer


def entity_facts(
    entity: Entity,
    *,
    replaces: bool = False,
    cleared: Iterable[str] = (),
    expected_revision: int | None = None,
    idempotency_key: str | None = None,
) -> EntityFacts:
    """Return how an entity is put.

    `replaces` forgets what is not sent; `cleared` are paths of facts to forget. Put fails with
    Conflict unless the entity is at `expected_revision`, 0: not known. Without an
    `idempotency_key` it gets a new one, which makes retries safe.
    """
    put = EntityFacts(
        replaces=replaces,
        cleared=cleared,
        expected_revision=expected_revision,
        idempotency_key=idempotency_key or new_key(),
    )
    if isinstance(entity, Lead):
        put.lead.CopyFrom(entity)
    elif isinstance(entity, Company):
        put.company.CopyFrom(entity)
    elif isinstance(entity, Opportunity):
        put.opportunity.CopyFrom(entity)
    else:
        put.customer.CopyFrom(entity)
    return put


def as_put(facts: Entity | EntityFacts) -> EntityFacts:
    """Return an entity as it is put, if it is not yet."""
    return facts if isinstance(facts, EntityFacts) else entity_facts(facts)
