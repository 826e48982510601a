// What a call can fail with, as one tree. No ConnectError leaves this package but as a `cause`.
import { Code, ConnectError } from "@connectrpc/connect";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { Status } from "./gen/google/rpc/status_pb.js";

/** One thing wrong with a request: the path of the field, and what to do about it. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** What is known of a failure, beside its kind. */
export interface Failure {
  readonly message: string;
  /** The status by name: "INVALID_ARGUMENT". */
  readonly code: string;
  /** The stable name of what went wrong: "BAD_QUESTION"; "" if the server gave none. */
  readonly reason: string;
  readonly violations: readonly Violation[];
  /** How long the server asks callers to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly decisionId: string;
  readonly traceId: string;
  readonly cause?: unknown;
}

/** The root. */
export class DealgateError extends Error {
  readonly code: string;
  readonly reason: string;
  readonly violations: readonly Violation[];
  readonly retryAfterMs: number | undefined;
  readonly decisionId: string;
  readonly traceId: string;

  constructor(failure: Failure) {
    super(failure.message, { cause: failure.cause });
    this.name = new.target.name;
    this.code = failure.code;
    this.reason = failure.reason;
    this.violations = failure.violations;
    this.retryAfterMs = failure.retryAfterMs;
    this.decisionId = failure.decisionId;
    this.traceId = failure.traceId;
  }
}

/** The request is wrong in every field of `violations`. */
export class InvalidQuestion extends DealgateError {}
/** The resume token leads nowhere in the server's journal. */
export class PositionLost extends DealgateError {}
/** What the request names does not exist. */
export class NotFound extends DealgateError {}
/** No decision has this id. */
export class DecisionNotFound extends NotFound {}
/** There is no rule set to decide with. */
export class RuleSetNotFound extends NotFound {}
/** The rule set exists but cannot decide this. */
export class PreconditionFailed extends DealgateError {}
/** The idempotency key was used before, with another body. */
export class KeyReused extends DealgateError {}
/** The decision has another result already. */
export class ResultExists extends DealgateError {}
/** Another decision came first: read again, then ask again. */
export class Conflict extends DealgateError {}
/** Who calls is unknown, or may not do this. */
export class Denied extends DealgateError {}
/** The message is over a limit: sending it again cannot help. */
export class TooLarge extends DealgateError {}
/** The server sheds load; `retryAfterMs` says for how long. */
export class Overloaded extends DealgateError {}
/** No server answered, or it is shutting down. */
export class Unavailable extends DealgateError {}
/** No answer came in time. Ask again with the same key to learn the decision. */
export class DeadlineExceeded extends DealgateError {}
/** The server does not know this call. */
export class Unsupported extends DealgateError {}
/** A bug in the server; `traceId` helps those who look for it. */
export class ServerFault extends DealgateError {}
/** The caller's own AbortSignal ended the call. */
export class Aborted extends DealgateError {}

type Kind = new (failure: Failure) => DealgateError;

const BY_CODE: ReadonlyMap<Code, Kind> = new Map<Code, Kind>([
  [Code.Aborted, Conflict],
  [Code.AlreadyExists, KeyReused],
  [Code.Canceled, Unavailable],
  [Code.DeadlineExceeded, DeadlineExceeded],
  [Code.FailedPrecondition, PreconditionFailed],
  [Code.InvalidArgument, InvalidQuestion],
  [Code.NotFound, NotFound],
  [Code.OutOfRange, InvalidQuestion],
  [Code.PermissionDenied, Denied],
  [Code.ResourceExhausted, TooLarge],
  [Code.Unauthenticated, Denied],
  [Code.Unavailable, Unavailable],
  [Code.Unimplemented, Unsupported],
]);
// What the server says more precisely than by the status.
const BY_REASON: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["POSITION_LOST", PositionLost],
  ["RESULT_EXISTS", ResultExists],
  ["UNKNOWN_DECISION", DecisionNotFound],
  ["UNKNOWN_RULE_SET", RuleSetNotFound],
]);

type Details = <Desc extends DescMessage>(schema: Desc) => MessageShape<Desc>[];

/** Return what a failed call means to its caller. */
export function failed(thrown: unknown, signal?: AbortSignal): DealgateError {
  if (thrown instanceof DealgateError) return thrown;
  const error = ConnectError.from(thrown);
  // Envoy's bridge of Connect writes a detail's type as an Any does.
  error.details = error.details.map((detail) =>
    "type" in detail && typeof detail.type === "string"
      ? { ...detail, type: detail.type.replace(/^.*\//, "") }
      : detail,
  ) as typeof error.details;
  const failure = {
    ...read(error.code, error.rawMessage, (schema) => error.findDetails(schema)),
    traceId: error.metadata.get("x-trace-id") ?? "",
    cause: thrown,
  };
  const decisionId = error.metadata.get("x-decision-id") ?? failure.decisionId;
  const kind = signal?.aborted && error.code === Code.Canceled ? Aborted : failure.kind;
  return new kind({ ...failure, decisionId });
}

/** Return what the status of one item in a batch means. */
export function refused(status: Status): DealgateError {
  const failure = read(status.code, status.message, (schema) => unpacked(status.details, schema));
  return new failure.kind(failure);
}

function unpacked<Desc extends DescMessage>(details: Any[], schema: Desc): MessageShape<Desc>[] {
  return details.flatMap((packed) => anyUnpack(packed, schema) ?? []);
}

function read(code: Code, message: string, details: Details): Failure & { kind: Kind } {
  const info = details(ErrorInfoSchema)[0];
  const delay = details(RetryInfoSchema)[0]?.retryDelay;
  let kind = BY_CODE.get(code) ?? ServerFault;
  // RESOURCE_EXHAUSTED also means a message over the limit; only a full queue names a delay.
  if (kind === TooLarge && delay) kind = Overloaded;
  return {
    kind: BY_REASON.get(info?.reason ?? "") ?? kind,
    message,
    code: (Code[code] ?? "Unknown").replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase().replace("CANCELED", "CANCELLED"),
    reason: info?.reason ?? "",
    violations: details(BadRequestSchema).flatMap((detail) =>
      detail.fieldViolations.map(({ field, description }) => ({ field, description })),
    ),
    retryAfterMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
    decisionId: info?.metadata["decision_id"] ?? "",
    traceId: "",
  };
}
