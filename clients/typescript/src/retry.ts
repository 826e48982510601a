// How often a call is tried, and how long to wait in between: the policy of the Python client.
import { Overloaded, Unavailable } from "./errors.js";
import type { DealgateError } from "./errors.js";

/**
 * At most `attempts` tries, all of them within the call's deadline. Pauses double from
 * `firstPauseMs` to `longestPauseMs`, and each is cut to a random part of itself, so that callers
 * who failed together do not come back together. A pause the server asks for is never undercut.
 */
export interface Retry {
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const RETRY: Retry = { attempts: 4, firstPauseMs: 50, longestPauseMs: 2000 };
export const NEVER: Retry = { ...RETRY, attempts: 1 };

/** The tries of one call: how long the next may take, and whether there is a next. */
export class Tries {
  readonly #deadline: number;
  #failed = 0;

  constructor(
    private readonly retry: Retry,
    timeoutMs: number,
    private readonly clock: () => number = () => performance.now(),
    private readonly chance: () => number = Math.random,
  ) {
    this.#deadline = clock() + timeoutMs;
  }

  /** The milliseconds left. */
  remaining(): number {
    return Math.max(0, this.#deadline - this.clock());
  }

  /** The milliseconds to wait before the next try; undefined: give up with `failure`. */
  pause(failure: DealgateError): number | undefined {
    this.#failed += 1;
    if (!(failure instanceof Overloaded || failure instanceof Unavailable)) return undefined;
    const pause = (failure.retryAfterMs ?? 0) + this.#jittered();
    const hopeless = this.#failed >= this.retry.attempts || pause >= this.remaining();
    return hopeless ? undefined : pause;
  }

  #jittered(): number {
    const doubled = this.retry.firstPauseMs * 2 ** Math.min(this.#failed - 1, 32);
    return this.chance() * Math.min(doubled, this.retry.longestPauseMs);
  }
}

/** Wait so long, or until `signal` says that nobody waits any more. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
