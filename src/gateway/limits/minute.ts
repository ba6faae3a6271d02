const MINUTE_MS = 60_000;
/** Times that have gone are only cut off the list once it has this many. */
const SLACK = 64;

/** The times of one caller's requests within the last minute. */
export class Minute {
  #times: number[] = [];
  /** Where the last minute begins in the list. */
  #start = 0;

  /** When one more request may come (ms of the monotonic clock) under a limit of this many a minute; `now` when it may come at once. */
  freeAt(limit: number, now: number): number {
    this.#forget(now);
    const count = this.#times.length - this.#start;
    if (count < limit) return now;
    if (limit === 0) return now + MINUTE_MS;
    return (this.#times[this.#times.length - limit] ?? now) + MINUTE_MS;
  }

  add(now: number): void {
    this.#times.push(now);
  }

  isEmpty(now: number): boolean {
    this.#forget(now);
    return this.#times.length === this.#start;
  }

  #forget(now: number): void {
    while (this.#start < this.#times.length && (this.#times[this.#start] ?? 0) <= now - MINUTE_MS) this.#start += 1;
    if (this.#start < SLACK && this.#start < this.#times.length) return;
    this.#times = this.#times.slice(this.#start);
    this.#start = 0;
  }
}
