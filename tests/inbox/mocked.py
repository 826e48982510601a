"""A cluster of Kafka that fails when it is told to: librdkafka's own, by its C interface."""

import ctypes
from pathlib import Path
from typing import Any

import confluent_kafka

PRODUCER = 0
# Requests by their keys in Kafka's protocol, and errors that may follow on each.
PRODUCE, FETCH, COMMIT, HEARTBEAT = 0, 1, 8, 12
NOT_LEADER, TIMED_OUT, NOT_COORDINATOR, OLD_GENERATION, REBALANCING = 6, 7, 16, 22, 27
FAILURES = (
    *((PRODUCE, NOT_LEADER), (PRODUCE, TIMED_OUT), (FETCH, NOT_LEADER), (COMMIT, TIMED_OUT)),
    *((COMMIT, NOT_COORDINATOR), (COMMIT, OLD_GENERATION), (HEARTBEAT, REBALANCING)),
)


def library() -> Path | None:
    """Return librdkafka as confluent-kafka brings it; None: it is not a file of its own here."""
    home = Path(confluent_kafka.__file__).parent.parent
    return next(home.glob("confluent_kafka.libs/librdkafka-*"), None)


class Cluster:
    """Brokers, numbered from 1."""

    def __init__(self, brokers: int, partitions: int, *topics: str) -> None:
        self._lib = _lib()
        self._handle = self._lib.rd_kafka_new(PRODUCER, self._lib.rd_kafka_conf_new(), None, 0)
        self._cluster = self._lib.rd_kafka_mock_cluster_new(self._handle, brokers)
        self.servers = self._lib.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        for topic in topics:
            made = self._lib.rd_kafka_mock_topic_create(
                self._cluster, topic.encode(), partitions, min(brokers, 3)
            )
            assert made == 0

    def down(self, broker: int) -> None:
        """End a broker's connections, and let nobody in."""
        assert self._lib.rd_kafka_mock_broker_set_down(self._cluster, broker) == 0

    def up(self, broker: int) -> None:
        """Let it be there again."""
        assert self._lib.rd_kafka_mock_broker_set_up(self._cluster, broker) == 0

    def fail(self, request: int, error: int, times: int) -> None:
        """Have the next requests of a sort fail."""
        errors = (ctypes.c_int * times)(*([error] * times))
        self._lib.rd_kafka_mock_push_request_errors_array(self._cluster, request, times, errors)

    def close(self) -> None:
        """End it."""
        self._lib.rd_kafka_mock_cluster_destroy(self._cluster)


def _lib() -> Any:
    lib = ctypes.CDLL(str(library()))
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    lib.rd_kafka_conf_new.restype = pointer
    for name, result, arguments in (
        ("rd_kafka_new", pointer, [number, pointer, text, ctypes.c_size_t]),
        ("rd_kafka_mock_cluster_new", pointer, [pointer, number]),
        ("rd_kafka_mock_cluster_bootstraps", text, [pointer]),
        ("rd_kafka_mock_cluster_destroy", None, [pointer]),
        ("rd_kafka_mock_topic_create", number, [pointer, text, number, number]),
        ("rd_kafka_mock_broker_set_down", number, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_broker_set_up", number, [pointer, ctypes.c_int32]),
        (
            "rd_kafka_mock_push_request_errors_array",
            None,
            [pointer, ctypes.c_int16, ctypes.c_size_t, pointer],
        ),
    ):
        getattr(lib, name).restype = result
        getattr(lib, name).argtypes = arguments
    return lib
