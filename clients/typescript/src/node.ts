// For Node: gRPC over HTTP/2.
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";

/** How to connect: `ca`, `cert` and `key` are those of Node's TLS. */
export interface NodeOptions {
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

const LARGEST_ANSWER = 64 * 1024 * 1024;

/** Connect to a server by gRPC: "http://localhost:50051", or "https://…". */
export function grpc(baseUrl: string, tls: NodeOptions = {}): Transport {
  return createGrpcTransport({
    baseUrl,
    readMaxBytes: LARGEST_ANSWER,
    nodeOptions: tls as Record<string, unknown>,
  });
}
