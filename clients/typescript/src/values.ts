// TypeScript's values as the contracts write them, and back. Nothing is rounded on the way.
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { JsonObject } from "@bufbuild/protobuf";

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?$/;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A number that is exact: text, a bigint, or an integer that a number holds exactly. */
export type Exact = string | bigint | number;

/** An amount of `currency` (ISO 4217): `money("EUR", "12.50")`; at most nine decimals. */
export function money(currency: string, amount: Exact) {
  const [, sign, whole, fraction = ""] = NUMBER.exec(exact(amount)) as unknown as string[];
  const billionths = fraction.replace(/0+$/, "");
  if (billionths.length > 9) throw new RangeError("an amount of money has at most nine decimals");
  const direction = sign === "-" ? -1 : 1;
  return {
    currencyCode: currency,
    units: BigInt(whole as string) * BigInt(direction),
    nanos: Number(billionths.padEnd(9, "0")) * direction || 0,
  };
}

/** The amount in its currency, as text: "12.5". */
export function amount(of: { units: bigint; nanos: number }): string {
  const total = of.units * 1_000_000_000n + BigInt(of.nanos);
  const digits = (total < 0n ? -total : total).toString().padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  return (total < 0n ? "-" : "") + digits.slice(0, -9) + (fraction && `.${fraction}`);
}

/** An exact number: `decimal("0.2")`. */
export function decimal(value: Exact) {
  return { value: exact(value) };
}

/** A calendar day: `date("2026-07-01")`. */
export function date(day: string) {
  const [, year, month, dayOfMonth] = DAY.exec(day) ?? [];
  const known = Date.parse(`${day}T00:00:00Z`);
  if (!year || Number.isNaN(known) || new Date(known).toISOString().slice(0, 10) !== day) {
    throw new RangeError("not a calendar day; write it as 2026-07-01");
  }
  return { year: Number(year), month: Number(month), day: Number(dayOfMonth) };
}

/** An instant, of a Date or of a text with its time zone: "2026-06-01T12:00:00Z". */
export function instant(of: Date | string): Timestamp {
  if (typeof of === "string" && !/(Z|[+-]\d\d:\d\d)$/.test(of)) {
    throw new RangeError("the text has no time zone, so it names no instant; end it with Z or +02:00");
  }
  const known = new Date(of);
  if (Number.isNaN(known.getTime())) throw new RangeError("not an instant");
  return timestampFromDate(known);
}

/** The instant of an answer, to the millisecond. */
export function toDate(of: Timestamp): Date {
  return timestampDate(of);
}

/**
 * Declared properties, or the facts of a declared kind, as they are sent: a bigint becomes text,
 * an undefined value is left out, and a Date becomes an instant.
 */
export function properties(values: Readonly<Record<string, unknown>>): JsonObject {
  return JSON.parse(JSON.stringify(values, (_, value: unknown) => sent(value))) as JsonObject;
}

function sent(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "number") return value;
  if (!Number.isFinite(value)) throw new TypeError("not a finite number");
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new TypeError("the number is not exact; write it as text or as a bigint");
  }
  return value;
}

function exact(number: Exact): string {
  if (typeof number === "number" && !Number.isSafeInteger(number)) {
    throw new TypeError("the number is not exact; write it as text");
  }
  const text = number.toString();
  if (!NUMBER.test(text)) throw new RangeError("not a decimal number");
  return text;
}
