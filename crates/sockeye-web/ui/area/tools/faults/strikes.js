/**
 * How often each fault struck: counted from the rows that the relay writes into the stream.
 * A delay or a split is no such row: they strike everything.
 */

const PAGE = 500;

/**
 * The fault that a row tells of: `drop: 12 B …` → drop.
 * @param {string | undefined} text
 */
export function struck(text) {
  return /^[a-z-]+/.exec(text ?? "")?.[0] ?? null;
}

export class Strikes {
  /** @type {Map<string, number>} */
  #counts = new Map();
  #next = 0;
  #api;
  #path;

  /**
   * @param {import("../../../core/types.js").Api} api
   * @param {number} run
   */
  constructor(api, run) {
    this.#api = api;
    this.#path = `/api/runs/${run}/rows`;
  }

  /** @param {string} name */
  of(name) {
    return this.#counts.get(name) ?? 0;
  }

  /** All that were counted. */
  get total() {
    return this.#next;
  }

  /**
   * Counts what came since, a page at most, so that a million of them hold nothing up.
   * @returns {Promise<number>} how many there are in all
   */
  async look() {
    const { rows, first, total } = await this.#api.get(this.#path, { kind: "fault", by: "reads", from: this.#next, count: PAGE });
    for (const row of rows) {
      if (row.k < this.#next) continue;
      const name = struck(row.text);
      if (name) this.#counts.set(name, this.of(name) + 1);
      this.#next = row.k + 1;
    }
    // What the reel forgot before it was counted stays uncounted.
    if (rows.length === 0 && first > this.#next) this.#next = first;
    return Math.max(total, this.#next);
  }
}
