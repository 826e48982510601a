"""The contracts as Envoy and the OpenAPI document read them: descriptors with all imports."""

from collections.abc import Sequence
from typing import Final

from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.rpc import error_details_pb2

from dealgate.model.fields import with_imports
from dealgate.v1 import (
    customer_service_pb2,
    decision_service_pb2,
    fact_service_pb2,
    insight_service_pb2,
    lead_service_pb2,
    performance_service_pb2,
    pipeline_service_pb2,
    revenue_service_pb2,
    rule_service_pb2,
)

SERVICE_FILES: Final[Sequence[FileDescriptor]] = (
    lead_service_pb2.DESCRIPTOR,
    pipeline_service_pb2.DESCRIPTOR,
    revenue_service_pb2.DESCRIPTOR,
    performance_service_pb2.DESCRIPTOR,
    customer_service_pb2.DESCRIPTOR,
    decision_service_pb2.DESCRIPTOR,
    fact_service_pb2.DESCRIPTOR,
    insight_service_pb2.DESCRIPTOR,
    rule_service_pb2.DESCRIPTOR,
)
# What statuses carry: no service imports it, and without it Envoy cannot write it as JSON.
DETAILS: Final = error_details_pb2.DESCRIPTOR


def services() -> Sequence[ServiceDescriptor]:
    """Return the services, as the README lists them."""
    return [service for file in SERVICE_FILES for service in file.services_by_name.values()]


def descriptor_set() -> FileDescriptorSet:
    """Return the services with everything that they import, each file after those it imports."""
    described = FileDescriptorSet()
    for file in with_imports((*SERVICE_FILES, DETAILS)):
        file.CopyToProto(described.file.add())
    return described
