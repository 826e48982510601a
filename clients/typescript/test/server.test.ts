// Calls a real server by gRPC and, if there is a front, by gRPC-Web and Connect.
import assert from "node:assert/strict";
import { createServer } from "node:http2";
import type { Http2ServerResponse, ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  Aborted, Dealgate, DeadlineExceeded, DecisionNotFound, InvalidQuestion, KeyReused, ResultType, Seniority, Unavailable,
  declared, instant, money, question,
} from "../src/index.js";
import type { Result, WatchedEvent } from "../src/index.js";
import { grpc } from "../src/node.js";
import { connect, grpcWeb } from "../src/web.js";

const TARGET = process.env["DEALGATE_TARGET"];
const FRONT = process.env["DEALGATE_FRONT"];
const skip = TARGET ? false : "DEALGATE_TARGET names no server";
const LEAD = { lead: { id: "00Q1", seniority: Seniority.VP, company: { employees: 420 } } };
const WRONG = { lead: { id: "00Q1", company: { employees: -1 } } };
const transports = {
  grpc: TARGET ? grpc(TARGET) : undefined,
  "grpc-web": FRONT ? grpcWeb(FRONT) : undefined,
  connect: FRONT ? connect(FRONT) : undefined,
};

for (const [name, transport] of Object.entries(transports)) {
  const options = { skip: transport ? false : `${name}: no server is named` };
  const client = () => new Dealgate(transport as NonNullable<typeof transport>, { tenant: `ts-${name}`, timeoutMs: 20_000 });

  test(`${name}: a decision is taken, read, and gets its result`, options, async () => {
    const answer = await client().scoreLead(LEAD, { asOf: "2026-06-01T12:00:00Z" });
    const { decisionId } = answer.header as { decisionId: string };
    const record = await client().getDecision(decisionId);
    assert.equal(record.question?.question.case, "score");
    const result = {
      decisionId, type: ResultType.WON, happenedAt: instant(new Date()), recordedBy: "crm",
      amount: money("EUR", "12500"),
    };
    assert.equal((await client().recordResult(result)).result?.revision, 1);
  });

  test(`${name}: what is wrong is said by reason and field`, options, async () => {
    const failure = await client().qualifyLead(WRONG).catch((error: unknown) => error);
    assert.ok(failure instanceof InvalidQuestion, String(failure));
    assert.equal(failure.code, "INVALID_ARGUMENT");
    assert.equal(failure.reason, "BAD_QUESTION");
    assert.deepEqual(failure.violations.map(({ field }) => field), ["facts.lead.company.employees"]);
  });

  test(`${name}: nothing that is missing is found`, options, async () => {
    const id = "01a22acb-69bd-7bc7-a637-8dd9077baf84";
    await assert.rejects(client().getDecision(id), DecisionNotFound);
  });

  test(`${name}: a batch has a result for each question`, options, async () => {
    const asked = [question("score", LEAD), question("qualify", WRONG), declared("qualify", { lead: { id: "1" } })];
    const told = await client().batchDecide(asked);
    assert.deepEqual(told.map((one) => one.case), ["score", "error", "declared"]);
    assert.ok(told[1]?.case === "error" && told[1].value instanceof InvalidQuestion);
  });
}

test("a key answers a repeat, and refuses another body", { skip }, async () => {
  const client = new Dealgate(grpc(TARGET as string), { tenant: "ts-keys", timeoutMs: 20_000 });
  const idempotencyKey = `key-${Date.now()}`;
  const first = await client.qualifyLead(LEAD, { idempotencyKey });
  const again = await client.qualifyLead(LEAD, { idempotencyKey });
  assert.equal(first.header?.decisionId, again.header?.decisionId);
  await assert.rejects(client.qualifyLead({ lead: { id: "other" } }, { idempotencyKey }), KeyReused);
});

test("batches are answered in order on a stream", { skip }, async () => {
  const client = new Dealgate(grpc(TARGET as string), { tenant: "ts-stream", timeoutMs: 20_000 });
  const batches = [1, 2, 3].map((size) => Array.from({ length: size }, () => question("score", LEAD)));
  const told: Result[][] = [];
  for await (const batch of client.streamDecide([...batches, []])) told.push(batch);
  assert.deepEqual(told.map((batch) => batch.length), [1, 2, 3, 0]);
});

test("a watch tells what is recorded, and goes on where it was", { skip }, async () => {
  const client = new Dealgate(grpc(TARGET as string), { tenant: `ts-watch-${Date.now()}`, timeoutMs: 20_000 });
  for (let count = 0; count < 3; count += 1) await client.qualifyLead(LEAD);
  const first = await take(client, { fromBeginning: true }, 2);
  const rest = await take(client, { resumeToken: first[1]?.resumeToken ?? "" }, 1);
  const ids = [...first, ...rest].map((event) => event.decision?.decisionId);
  assert.equal(new Set(ids).size, 3);
});

async function take(client: Dealgate, watch: object, count: number): Promise<WatchedEvent[]> {
  const events: WatchedEvent[] = [];
  for await (const event of client.watchDecisions(watch)) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

test("lists run over pages", { skip }, async () => {
  const client = new Dealgate(grpc(TARGET as string), { tenant: `ts-list-${Date.now()}`, timeoutMs: 20_000 });
  await client.batchDecide(Array.from({ length: 5 }, () => question("score", LEAD)));
  let count = 0;
  for await (const outline of client.listDecisions({ pageSize: 2 })) count += outline.kind === "score" ? 1 : 0;
  assert.equal(count, 5);
});

test("deadlines and the caller's own signal end a call", async () => {
  const server = await serving(() => {});
  const client = new Dealgate(grpc(server.url));
  await assert.rejects(client.qualifyLead(LEAD, { timeoutMs: 20 }), DeadlineExceeded);
  await assert.rejects(client.qualifyLead(LEAD, { signal: AbortSignal.timeout(20) }), Aborted);
  await assert.rejects(client.qualifyLead(LEAD, { signal: AbortSignal.abort() }), Aborted);
  await assert.rejects(client.watchDecisions({}, { timeoutMs: 20 }).next(), Unavailable); // it says nothing
  server.close();
});

test("a call is tried again while no server answers, if that is safe", async () => {
  let calls = 0;
  const server = await serving((response) => {
    calls += 1;
    response.writeHead(200, { "content-type": "application/grpc", "grpc-status": "14", "grpc-message": "leaving" });
    response.end();
  });
  const client = new Dealgate(grpc(server.url), { retry: { attempts: 3, firstPauseMs: 1 } });
  await assert.rejects(client.qualifyLead(LEAD), Unavailable);
  assert.equal(calls, 3);
  await assert.rejects(client.qualifyLead(LEAD, { idempotencyKey: null }), Unavailable);
  assert.equal(calls, 4);
  server.close();
});

async function serving(answer: (response: Http2ServerResponse) => void) {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
