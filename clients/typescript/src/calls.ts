// What every call has besides its facts: options, deadline, headers, and may it be repeated?
import type { MessageInitShape } from "@bufbuild/protobuf";
import { ExplainLevel } from "./gen/dealgate/v1/decision_pb.js";
import type { DecisionOptionsSchema } from "./gen/dealgate/v1/decision_pb.js";
import type { FlowOptionsSchema } from "./gen/dealgate/v1/flow_pb.js";
import { instant } from "./values.js";

/** How a call is to be made. */
export interface Call {
  /** Milliseconds for the call with all its retries; left out: the client's. */
  readonly timeoutMs?: number;
  /** Sent along as they are, for example `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** How a question is to be decided. Whatever is left out is up to the server. */
export interface Choices {
  /** The instant to judge at; left out: when the server is asked. */
  readonly asOf?: Date | string;
  /** Decide with this version instead of the released one. */
  readonly ruleSetVersion?: number;
  /** Decide by the rules of this scope; "": by the kind's own. Left out: the facts choose. */
  readonly scope?: string;
  /** Also return every condition with its truth and the values it read. */
  readonly explain?: boolean;
  /** Decide, but record nothing. */
  readonly dryRun?: boolean;
  /** Add no facts that the server keeps itself. */
  readonly factsAsSent?: boolean;
  /**
   * A repeat with the same key gets the first answer. Left out: a new key, which makes retries
   * safe. null: no key, and then no retries either.
   */
  readonly idempotencyKey?: string | null;
}

/** Everything a decision takes besides its facts. */
export type Options = Choices & Call;

/** How a flow is to be taken. */
export interface FlowOptions extends Omit<Options, "ruleSetVersion" | "scope"> {
  /** The steps to take, by kind; left out: all of them. */
  readonly steps?: string[];
  /** Decide steps with these versions, by kind. */
  readonly ruleSetVersions?: Readonly<Record<string, number>>;
}

/** Write `choices` as the contracts do; a decision that is recorded gets a key. */
export function decisionOptions(choices: Choices): MessageInitShape<typeof DecisionOptionsSchema> {
  return {
    ...common(choices),
    ...(choices.ruleSetVersion !== undefined && { ruleSetVersion: choices.ruleSetVersion }),
    ...(choices.scope !== undefined && { scope: choices.scope }),
  };
}

/** Write `choices` as the contracts do; a flow that is recorded gets a key. */
export function flowOptions(choices: FlowOptions): MessageInitShape<typeof FlowOptionsSchema> {
  const versions = Object.entries(choices.ruleSetVersions ?? {});
  return {
    ...common(choices),
    steps: choices.steps ?? [],
    ruleSetVersions: versions.map(([kind, version]) => ({ kind, version })),
  };
}

function common(choices: Choices) {
  const dryRun = choices.dryRun ?? false;
  const key = choices.idempotencyKey;
  return {
    dryRun,
    factsAsSent: choices.factsAsSent ?? false,
    explain: choices.explain ? ExplainLevel.CONDITIONS : ExplainLevel.UNSPECIFIED,
    idempotencyKey: key === undefined ? (dryRun ? "" : newKey()) : (key ?? ""),
    ...(choices.asOf !== undefined && { asOf: instant(choices.asOf) }),
  };
}

/** What says whether a call may be repeated. */
export interface Repeatable {
  readonly dryRun?: boolean | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Tell whether asking twice decides once. */
export function isRepeatable(options: Repeatable | undefined): boolean {
  return Boolean(options?.dryRun || options?.idempotencyKey);
}

/** Return a UUIDv7: keys made later sort later, so the server appends to its index. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 0x10000));
  new DataView(bytes.buffer).setUint16(4, Date.now() % 0x10000);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
