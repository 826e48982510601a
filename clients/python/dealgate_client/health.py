"""The standard health service without its package.

`grpc.health.v1` asks with one string and is answered with one enum, both in field 1: on the wire
the same as protobuf's own wrappers. So the client needs no dependency to say "are you there?".
"""

from typing import Final

from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from dealgate_client.retry import Retry

CHECK: Final = "/grpc.health.v1.Health/Check"
SERVING: Final = 1
# Waits for a server that is starting: asks on until the deadline.
PATIENT: Final = Retry(attempts=1_000_000, longest_pause=0.5)

write = StringValue.SerializeToString
read = Int32Value.FromString
