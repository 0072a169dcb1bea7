/**
 * The last five minutes of a run, a rate for each second. Numbers only: nothing is drawn here.
 * A second in which nothing happened is not told of by the server; it is silence, not a gap.
 */

/** @typedef {import("../../../core/types.js").Rate} Rate */

/** So much is kept and drawn. */
export const SECONDS = 300;

/** A second is told of when it is over, and up to so many ms later. */
const LATE = 1200;

/** @type {Readonly<Rate>} */
export const SILENCE = Object.freeze({ in: 0, out: 0, inEvents: 0, outEvents: 0, trips: 0, tripP50: null, tripMax: null });

export class Series {
  /** @type {Map<number, Rate>} by second; none older than SECONDS before the newest */
  #rates = new Map();
  #newest = -1;

  /** The newest second that was told of; -1: none. */
  get newest() {
    return this.#newest;
  }

  /**
   * Takes the list that was asked for. It may be older than what came by itself meanwhile, and
   * its last second may not be over.
   * @param {number} second of its last entry
   * @param {readonly Rate[]} list one a second, oldest first
   */
  fill(second, list) {
    list.forEach((rate, at) => this.add(second - list.length + 1 + at, rate));
  }

  /**
   * @param {number} second
   * @param {Rate} rate
   */
  add(second, rate) {
    // Twice the window: a picture that is paused keeps what it shows for five minutes more.
    if (second > this.#newest - 2 * SECONDS) this.#rates.set(second, rate);
    if (second <= this.#newest) return;
    this.#newest = second;
    for (const known of this.#rates.keys()) {
      if (known <= second - 2 * SECONDS) this.#rates.delete(known);
    }
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
}

/**
 * The second at the right edge of the picture: the last that is over and that the server has
 * told of, had anything happened in it. Of a run that has ended, its last one.
 * @param {Series} series
 * @param {{ state: string, began: number }} run
 * @param {number} now Unix ms, by the server's clock
 */
export function edgeOf(series, { state, began }, now) {
  if (state === "ended") return Math.max(0, series.newest);
  return Math.max(0, series.newest - 1, Math.floor((now - began - LATE) / 1000) - 1);
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
