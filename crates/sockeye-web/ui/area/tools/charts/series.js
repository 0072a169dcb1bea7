/**
 * The last five minutes of a run, a rate for each second. Numbers only: nothing is drawn here.
 * A second in which nothing happened is not told of by the server; it is silence, not a gap.
 */

/** @typedef {import("../../../core/types.js").Rate} Rate */

/** So much is kept and drawn. */
export const SECONDS = 300;

/** A second that is told of so much late is not silence yet: the picture would dip and rise again. */
const LATE = 700;

/** @type {Readonly<Rate>} */
export const SILENCE = Object.freeze({ in: 0, out: 0, inEvents: 0, outEvents: 0, trips: 0, tripP50: null, tripMax: null });

export class Series {
  /** @type {Map<number, Rate>} by second; none older than SECONDS before the newest */
  #rates = new Map();
  /** The newest second known, and when that was heard of (ms of the monotonic clock). */
  #newest = -1;
  #heard = 0;

  /**
   * Takes the list that was asked for: it ends with `second`, and may be older than what came
   * by itself meanwhile.
   * @param {number} second
   * @param {readonly Rate[]} list one a second, oldest first
   * @param {number} now ms
   */
  fill(second, list, now) {
    list.forEach((rate, at) => this.#put(second - list.length + 1 + at, rate));
    this.#reach(second, now);
  }

  /**
   * @param {number} second
   * @param {Rate} rate
   * @param {number} now ms
   */
  add(second, rate, now) {
    this.#put(second, rate);
    this.#reach(second, now);
  }

  /**
   * The second that is the newest now, though nothing may have been heard of it.
   * @param {number} now ms
   */
  edge(now) {
    return this.#newest < 0 ? 0 : this.#newest + Math.max(0, Math.floor((now - this.#heard - LATE) / 1000));
  }

  /**
   * @param {number} second
   * @returns {Readonly<Rate>}
   */
  at(second) {
    return this.#rates.get(second) ?? SILENCE;
  }

  /**
   * The window that ends with `edge`, oldest first.
   * @param {number} edge
   * @returns {Readonly<Rate>[]}
   */
  window(edge) {
    return Array.from({ length: SECONDS }, (_, at) => this.at(edge - SECONDS + 1 + at));
  }

  /** @param {number} second @param {Rate} rate */
  #put(second, rate) {
    if (second <= this.#newest - 2 * SECONDS) return;
    this.#rates.set(second, rate);
  }

  /** @param {number} second @param {number} now */
  #reach(second, now) {
    if (second <= this.#newest) return;
    this.#newest = second;
    this.#heard = now;
    // Twice the window: a picture that is paused keeps what it shows for five minutes more.
    for (const known of this.#rates.keys()) {
      if (known <= second - 2 * SECONDS) this.#rates.delete(known);
    }
  }
}

/**
 * The largest value of each kind.
 * @param {readonly Readonly<Rate>[]} window
 */
export function peaks(window) {
  let [into, out, trip] = [0, 0, 0];
  for (const rate of window) {
    into = Math.max(into, rate.in);
    out = Math.max(out, rate.out);
    trip = Math.max(trip, rate.tripMax ?? rate.tripP50 ?? 0);
  }
  return { in: into, out, trip };
}

/** So many seconds a row. */
const STEP = 10;
const ROWS = 30;

/**
 * Rows of ten seconds, newest first: means of the rates, the worst of the round trips.
 * @param {readonly Readonly<Rate>[]} window oldest first
 */
export function summed(window) {
  const rows = [];
  for (let end = window.length; end > 0 && rows.length < ROWS; end -= STEP) {
    const part = window.slice(Math.max(0, end - STEP), end);
    const sum = (/** @type {(rate: Readonly<Rate>) => number} */ of) => part.reduce((all, rate) => all + of(rate), 0);
    const worst = Math.max(0, ...part.map((rate) => rate.tripMax ?? 0));
    rows.push({
      ago: window.length - end,
      in: sum((rate) => rate.in) / part.length,
      out: sum((rate) => rate.out) / part.length,
      events: sum((rate) => rate.inEvents + rate.outEvents),
      trips: sum((rate) => rate.trips),
      worst: worst > 0 ? worst : null,
    });
  }
  return rows;
}
