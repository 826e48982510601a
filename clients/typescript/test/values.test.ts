import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Conflict, DealgateError, Overloaded, RETRY, Unavailable, amount, date, decimal, instant, money, newKey, properties, toDate,
} from "../src/index.js";
import { Tries } from "../src/retry.js";

const FAILURE = { message: "", code: "", reason: "", violations: [], decisionId: "", traceId: "" };
const busy = (retryAfterMs?: number) => new Overloaded({ ...FAILURE, retryAfterMs });

test("amounts are exact both ways, with one sign", () => {
  for (const text of ["12.5", "-1.75", "0.000000001", "9007199254740993", "-0.5"]) {
    assert.equal(amount(money("EUR", text)), text);
  }
  assert.deepEqual(money("EUR", "-1.75"), { currencyCode: "EUR", units: -1n, nanos: -750_000_000 });
});

test("what is not exact is refused", () => {
  assert.throws(() => money("EUR", 12.5), TypeError);
  assert.throws(() => decimal(2 ** 60), TypeError);
  assert.throws(() => money("EUR", "0.0000000001"), RangeError);
  assert.throws(() => money("EUR", "a lot"), RangeError);
  assert.throws(() => properties({ count: Number.NaN }), TypeError);
  assert.deepEqual(properties({ big: 10n ** 20n, none: undefined }), { big: "100000000000000000000" });
});

test("days and instants name what they mean", () => {
  assert.deepEqual(date("2026-02-28"), { year: 2026, month: 2, day: 28 });
  assert.throws(() => date("2026-02-30"), RangeError);
  assert.throws(() => instant("2026-06-01T12:00:00"), RangeError);
  assert.equal(toDate(instant("2026-06-01T14:00:00+02:00")).toISOString(), "2026-06-01T12:00:00.000Z");
});

test("a key is a UUIDv7, and those made later sort later", async () => {
  const first = newKey();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(first < newKey());
});

test("pauses double, are never below what the server asks, and end with the deadline", () => {
  const tries = new Tries(RETRY, 10_000, () => 0, () => 1);
  assert.equal(tries.pause(busy(300)), 350);
  assert.equal(tries.pause(busy()), 100);
  assert.equal(tries.pause(busy()), 200);
  assert.equal(tries.pause(busy()), undefined);
  assert.equal(new Tries(RETRY, 100, () => 0, () => 1).pause(busy(100)), undefined);
});

test("only what is temporary is tried again", () => {
  const pause = (failure: DealgateError) => new Tries(RETRY, 1000).pause(failure);
  assert.equal(pause(new Conflict({ ...FAILURE, retryAfterMs: undefined })), undefined);
  assert.notEqual(pause(new Unavailable({ ...FAILURE, retryAfterMs: undefined })), undefined);
});
