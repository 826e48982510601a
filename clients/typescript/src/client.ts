// The client: a method for each kind of decision, and for what there is beside them.
import { createClient } from "@connectrpc/connect";
import type { CallOptions, Client, Transport } from "@connectrpc/connect";
import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import { CustomerService } from "./gen/dealgate/v1/customer_service_pb.js";
import { DecisionService } from "./gen/dealgate/v1/decision_service_pb.js";
import type {
  ListDecisionsRequestSchema,
  Question,
  RecordedDecision,
  RecordedDecisionSummary,
  WatchDecisionsRequestSchema,
  WatchedEvent,
} from "./gen/dealgate/v1/decision_service_pb.js";
import type { DealFlowFactsSchema } from "./gen/dealgate/v1/deal_flow_pb.js";
import { FactService } from "./gen/dealgate/v1/fact_service_pb.js";
import { InsightService } from "./gen/dealgate/v1/insight_service_pb.js";
import type { LeadFlowFactsSchema } from "./gen/dealgate/v1/lead_flow_pb.js";
import { LeadService } from "./gen/dealgate/v1/lead_service_pb.js";
import { PerformanceService } from "./gen/dealgate/v1/performance_service_pb.js";
import { PipelineService } from "./gen/dealgate/v1/pipeline_service_pb.js";
import type { RecordResultRequestSchema } from "./gen/dealgate/v1/result_pb.js";
import { RevenueService } from "./gen/dealgate/v1/revenue_service_pb.js";
import { RuleService } from "./gen/dealgate/v1/rule_service_pb.js";
import { decisionOptions, flowOptions, isRepeatable } from "./calls.js";
import type { Call, FlowOptions, Options, Repeatable } from "./calls.js";
import { DeadlineExceeded, Unavailable, failed } from "./errors.js";
import type { DealgateError } from "./errors.js";
import { allRepeatable, refusal, results } from "./questions.js";
import type { FactsByKind, Result } from "./questions.js";
import { NEVER, RETRY, Tries, sleep } from "./retry.js";
import type { Retry } from "./retry.js";
import { properties } from "./values.js";

/** How a client makes its calls. */
export interface ClientOptions {
  /** Whose decisions these are; left out: "default". */
  readonly tenant?: string;
  /** Milliseconds for a call with all its retries; left out: 5000. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<Retry>;
  /** A JSON Web Token, or what returns the one of the moment: it is asked before each try. */
  readonly token?: string | (() => string | Promise<string>);
}

type Fields<Request> = Omit<Exclude<Request, { $typeName: string; $unknown?: unknown }>, "$typeName">;
type Filter = MessageInitShape<typeof ListDecisionsRequestSchema>;
type Watch = MessageInitShape<typeof WatchDecisionsRequestSchema>;
type ResultOf = MessageInitShape<typeof RecordResultRequestSchema>;

// A watch is opened anew this often, so that it moves to new servers, and notices a network that
// lost it in silence.
const STREAM_MS = 300_000;

/** Calls a server. Every failure is a DealgateError. */
export class Dealgate {
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #retry: Retry;

  /** Call by `transport`: `grpc(url)` of "@dealgate/client/node", `grpcWeb(url)` of "…/web". */
  constructor(transport: Transport, options: ClientOptions = {}) {
    this.#transport = transport;
    this.#options = options;
    this.#retry = { ...RETRY, ...options.retry };
    this.leads = this.#client(LeadService);
    this.pipeline = this.#client(PipelineService);
    this.revenue = this.#client(RevenueService);
    this.performance = this.#client(PerformanceService);
    this.customers = this.#client(CustomerService);
    this.decisions = this.#client(DecisionService);
    this.facts = this.#client(FactService);
    this.insights = this.#client(InsightService);
    this.rules = this.#client(RuleService);
  }

  // The generated clients, for `call` and whatever has no method here.
  readonly leads: Client<typeof LeadService>;
  readonly pipeline: Client<typeof PipelineService>;
  readonly revenue: Client<typeof RevenueService>;
  readonly performance: Client<typeof PerformanceService>;
  readonly customers: Client<typeof CustomerService>;
  readonly decisions: Client<typeof DecisionService>;
  readonly facts: Client<typeof FactService>;
  readonly insights: Client<typeof InsightService>;
  readonly rules: Client<typeof RuleService>;

  /** Whether a lead's data is valid and may be used, and whether it is a duplicate. */
  verifyLead(facts: FactsByKind["verify"], options: Options = {}) {
    return this.#decide(this.leads.verifyLead, { facts, options: decisionOptions(options) }, options);
  }

  /** How well a lead fits and how engaged it is. */
  scoreLead(facts: FactsByKind["score"], options: Options = {}) {
    return this.#decide(this.leads.scoreLead, { facts, options: decisionOptions(options) }, options);
  }

  /** What to do with a lead, by when, and why. */
  qualifyLead(facts: FactsByKind["qualify"], options: Options = {}) {
    return this.#decide(this.leads.qualifyLead, { facts, options: decisionOptions(options) }, options);
  }

  /** Who owns a lead, and by when they must respond. */
  routeLead(facts: FactsByKind["route"], options: Options = {}) {
    return this.#decide(this.leads.routeLead, { facts, options: decisionOptions(options) }, options);
  }

  /** Whether a lead becomes an opportunity. */
  convertLead(facts: FactsByKind["convert"], options: Options = {}) {
    return this.#decide(this.leads.convertLead, { facts, options: decisionOptions(options) }, options);
  }

  /** Whether a deal may change stage, what is missing and who must approve. */
  advanceStage(facts: FactsByKind["advance"], options: Options = {}) {
    return this.#decide(this.pipeline.advanceStage, { facts, options: decisionOptions(options) }, options);
  }

  /** Which deals need attention. */
  inspectPipeline(facts: FactsByKind["inspect"], options: Options = {}) {
    return this.#decide(this.pipeline.inspectPipeline, { facts, options: decisionOptions(options) }, options);
  }

  /** What a period is expected to close. */
  forecastPipeline(facts: FactsByKind["forecast"], options: Options = {}) {
    return this.#decide(this.pipeline.forecastPipeline, { facts, options: decisionOptions(options) }, options);
  }

  /** How much each touch contributed to a deal. */
  attributeRevenue(facts: FactsByKind["attribute"], options: Options = {}) {
    return this.#decide(this.revenue.attributeRevenue, { facts, options: decisionOptions(options) }, options);
  }

  /** Whether a deal may be closed and its contract is in order. */
  closeDeal(facts: FactsByKind["close"], options: Options = {}) {
    return this.#decide(this.revenue.closeDeal, { facts, options: decisionOptions(options) }, options);
  }

  /** How much revenue falls into each period. */
  recognizeRevenue(facts: FactsByKind["recognize"], options: Options = {}) {
    return this.#decide(this.revenue.recognizeRevenue, { facts, options: decisionOptions(options) }, options);
  }

  /** How far a seller or a team is on the way to its quota. */
  trackQuota(facts: FactsByKind["quota"], options: Options = {}) {
    return this.#decide(this.performance.trackQuota, { facts, options: decisionOptions(options) }, options);
  }

  /** Whether the handoff to customer success is complete. */
  handOffCustomer(facts: FactsByKind["handoff"], options: Options = {}) {
    return this.#decide(this.customers.handOffCustomer, { facts, options: decisionOptions(options) }, options);
  }

  /** A customer's health, churn risk and next action. */
  assessHealth(facts: FactsByKind["health"], options: Options = {}) {
    return this.#decide(this.customers.assessHealth, { facts, options: decisionOptions(options) }, options);
  }

  /** Takes a lead through verify, score, qualify, route and convert; all is recorded, or nothing. */
  processLead(facts: MessageInitShape<typeof LeadFlowFactsSchema>, options: FlowOptions = {}) {
    return this.#decide(this.leads.processLead, { facts, options: flowOptions(options) }, options);
  }

  /** Takes a deal from inspection to the handoff; all is recorded, or nothing. */
  processDeal(facts: MessageInitShape<typeof DealFlowFactsSchema>, options: FlowOptions = {}) {
    return this.#decide(this.revenue.processDeal, { facts, options: flowOptions(options) }, options);
  }

  /** Ask a kind by its name: one that the rules folder declares, or any other. */
  decide(kind: string, facts: Readonly<Record<string, unknown>>, options: Options = {}) {
    const request = { kind, facts: properties(facts), options: decisionOptions(options) };
    return this.#decide(this.decisions.decide, request, options);
  }

  /** Decide up to 256 questions of any kind; one bad question does not spoil the others. */
  async batchDecide(questions: readonly Question[], call: Call = {}): Promise<Result[]> {
    const request = { questions: [...questions] };
    const repeatable = allRepeatable(questions);
    const response = await this.#call(this.decisions.batchDecide, request, call, repeatable);
    return results(response.answers);
  }

  /**
   * Decide batch after batch on one stream, as fast as the server reads them; yields the results
   * of each batch in order. A stream is never retried. Browsers cannot send one: use batchDecide.
   */
  async *streamDecide(
    batches: AsyncIterable<readonly Question[]> | Iterable<readonly Question[]>,
    call: Call = {},
  ): AsyncGenerator<Result[], void, undefined> {
    const sizes: number[] = [];
    async function* requests() {
      for await (const questions of batches) {
        sizes.push(questions.length);
        yield { batchId: String(sizes.length - 1), questions: [...questions] };
      }
    }
    try {
      const options = await this.#sent(call, call.timeoutMs);
      for await (const response of this.decisions.streamDecide(requests(), options)) {
        const size = sizes[Number(response.batchId)] ?? 0;
        const { error } = response;
        yield error ? Array<Result>(size).fill(refusal(error)) : results(response.answers);
      }
    } catch (error) {
      throw failed(error, call.signal);
    }
  }

  /** A recorded decision. Fails with DecisionNotFound. */
  async getDecision(decisionId: string, call: Call = {}): Promise<RecordedDecision> {
    const { decision } = await this.call(this.decisions.getDecision, { decisionId }, call);
    return decision as RecordedDecision;
  }

  /** Every condition of a decision, what was missing, and what would have changed the outcome. */
  explainDecision(decisionId: string, flipsPerOutcome = 0, call: Call = {}) {
    return this.call(this.decisions.explainDecision, { decisionId, flipsPerOutcome }, call);
  }

  /** Decide a recorded decision again, and compare the answer with the record, byte for byte. */
  replayDecision(decisionId: string, call: Call = {}) {
    return this.call(this.decisions.replayDecision, { decisionId }, call);
  }

  /** Attach what really happened to a decision, or correct it. A repeat gets what was recorded. */
  recordResult(result: ResultOf, call: Call = {}) {
    return this.call(this.decisions.recordResult, result, call);
  }

  /** The outlines of recorded decisions, newest first, page after page as needed. */
  async *listDecisions(
    filter: Fields<Filter> = {},
    call: Call = {},
  ): AsyncGenerator<RecordedDecisionSummary, void, undefined> {
    let pageToken = "";
    do {
      const request = { ...filter, pageToken } as Filter;
      const page = await this.call(this.decisions.listDecisions, request, call);
      yield* page.decisions;
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  /**
   * Decisions and results as they are recorded, in the order of the journal. It goes on by itself
   * where a lost connection or a leaving server ended it; keep an event's `resumeToken` to go on
   * in another process. `call.timeoutMs` is for how long no server may be heard before it fails.
   */
  async *watchDecisions(
    watch: Fields<Watch> = {},
    call: Call = {},
  ): AsyncGenerator<WatchedEvent, void, undefined> {
    const request = { ...watch } as Exclude<Watch, { $typeName: string; $unknown?: unknown }>;
    const begun = () => new Tries({ ...this.#retry, attempts: Infinity }, call.timeoutMs ?? Infinity);
    const streamMs = Math.min(STREAM_MS, call.timeoutMs ?? STREAM_MS);
    for (let tries = begun(); ; ) {
      let failure: DealgateError;
      let isHeard = false;
      try {
        const stream = this.decisions.watchDecisions(request, await this.#sent(call, streamMs));
        for await (const response of stream) {
          tries = begun();
          isHeard = true;
          yield* response.events;
          request.fromBeginning = false;
          request.resumeToken = response.resumeToken;
        }
        failure = failed(new Error("the server ended the watch"));
        failure = new Unavailable({ ...failure, message: failure.message, code: "UNAVAILABLE" });
      } catch (error) {
        failure = failed(error, call.signal);
      }
      const isSilent = failure instanceof DeadlineExceeded && !isHeard && tries.remaining() === 0;
      if (isSilent) {
        failure = new Unavailable({ ...failure, message: "no server was heard", code: "UNAVAILABLE" });
      }
      const pause = failure instanceof DeadlineExceeded ? 0 : tries.pause(failure);
      if (pause === undefined || call.signal?.aborted) throw failure;
      await sleep(pause, call.signal);
    }
  }

  /** Make any other call that reads, with retries: `call(client.rules.listRuleSets, {})`. */
  call<Request, Response>(
    method: (request: Request, options?: CallOptions) => Promise<Response>,
    request: Request,
    call: Call = {},
  ): Promise<Response> {
    return this.#call(method, request, call, true);
  }

  #decide<Request, Response>(
    method: (request: Request, options?: CallOptions) => Promise<Response>,
    request: Request & { options?: Repeatable },
    call: Call,
  ): Promise<Response> {
    return this.#call(method, request, call, isRepeatable(request.options));
  }

  async #call<Request, Response>(
    method: (request: Request, options?: CallOptions) => Promise<Response>,
    request: Request,
    call: Call,
    repeatable: boolean,
  ): Promise<Response> {
    const timeout = call.timeoutMs ?? this.#options.timeoutMs ?? 5000;
    const tries = new Tries(repeatable ? this.#retry : NEVER, timeout);
    for (;;) {
      try {
        return await method(request, await this.#sent(call, tries.remaining()));
      } catch (error) {
        const failure = failed(error, call.signal);
        const pause = tries.pause(failure);
        if (pause === undefined || call.signal?.aborted) throw failure;
        await sleep(pause, call.signal);
      }
    }
  }

  async #sent(call: Call, timeoutMs: number | undefined): Promise<CallOptions> {
    const { token, tenant } = this.#options;
    const headers: Record<string, string> = { "dealgate-tenant": tenant ?? "default" };
    if (token) headers["authorization"] = `Bearer ${typeof token === "string" ? token : await token()}`;
    return {
      headers: { ...headers, ...call.headers },
      // No time left is not the same as no deadline, which 0 would say.
      ...(timeoutMs !== undefined && { timeoutMs: Math.max(1, Math.ceil(timeoutMs)) }),
      ...(call.signal && { signal: call.signal }),
    };
  }

  #client<Service extends DescService>(service: Service): Client<Service> {
    return createClient(service, this.#transport);
  }
}
