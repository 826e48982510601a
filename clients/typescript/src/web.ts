// For browsers, by the front: gRPC-Web, or Connect where the front serves it.
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import type { Transport } from "@connectrpc/connect";

/** Call a front by gRPC-Web. */
export function grpcWeb(baseUrl: string): Transport {
  return createGrpcWebTransport({ baseUrl });
}

/** Call a front by Connect's binary format (`dealgate front --connect`). */
export function connect(baseUrl: string): Transport {
  return createConnectTransport({ baseUrl, useBinaryFormat: true });
}
