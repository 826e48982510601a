"""How much telemetry may hold: of each value, each span, each export."""

VALUE_LENGTH = 512  # characters
LIST_LENGTH = 32
REASON_CODES = 16
CHILDREN = 16  # spans of decisions below that of their batch
STACK_LENGTH = 4096  # characters of frames
TRACE_STATE_LENGTH, TRACE_STATE_MEMBERS = 512, 32
SERIES = 2000  # of one metric; the rest are counted together
TENANTS = 200

# Measured: with 2048 spans and 5 s, a few thousand decisions a second lose spans.
QUEUE, BATCH, DELAY = 8192, 1024, 1.0  # items, items, seconds
QUEUE_BYTES = 32 * 2**20
BATCH_BYTES = 2 * 2**20  # collectors take 4 MiB

# Upper bounds in seconds.
RPC_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
DECISION_BUCKETS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
COMMIT_SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
