/**
 * Which rows are chosen: a cursor, and from where a range began; moved by keys and by the mouse. Pure.
 */

export class Cursor {
  constructor() {
    /** @type {number | null} */
    this.at = null;
    /** @type {number | null} where the range began */
    this.from = null;
  }

  /**
   * @param {number} k
   * @param {boolean} extend
   */
  put(k, extend = false) {
    this.at = k;
    if (!extend || this.from === null) this.from = k;
  }

  drop() {
    this.at = null;
    this.from = null;
  }

  /** @param {number} k */
  has(k) {
    if (this.at === null || this.from === null) return false;
    return k >= Math.min(this.at, this.from) && k <= Math.max(this.at, this.from);
  }

  /** @returns {[number, number] | null} the first and the last row */
  get range() {
    return this.at === null || this.from === null ? null : [Math.min(this.at, this.from), Math.max(this.at, this.from)];
  }

  /**
   * Where a key leads.
   * @param {string} key
   * @param {{base: number, end: number, page: number, first: number}} list `first`: the first row that can be seen
   * @returns {number | null} null: not a key of ours, or nothing to go to
   */
  leads(key, { base, end, page, first }) {
    if (end <= base) return null;
    const at = this.at ?? first;
    const steps = /** @type {Record<string, number>} */ ({
      ArrowDown: this.at === null ? at : at + 1,
      ArrowUp: this.at === null ? at : at - 1,
      PageDown: at + Math.max(1, page - 1),
      PageUp: at - Math.max(1, page - 1),
      Home: base,
      End: end - 1,
    });
    return key in steps ? Math.max(base, Math.min(steps[key], end - 1)) : null;
  }
}
