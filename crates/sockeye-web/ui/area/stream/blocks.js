/**
 * The rows of one question that the page holds: blocks of a fixed size, a few of them, fetched when they are
 * looked at. It draws nothing, and it does not know what the question is.
 */

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {import("../../core/types.js").Rows} Rows */
/**
 * @typedef {{rows: (Row | undefined)[], seen: number[], used: number}} Block `seen`: how many rows the view
 *   had when each was fetched
 */

export const SIZE = 200;
const MOST = 20;
/** Requests at a time. */
const LANES = 2;
/** How close to the end a row may still change: a frame that begins in it may end in the next read. */
const YOUNG = 16;

export class Blocks {
  /**
   * @param {{
   *   ask: (from: number | "tail", count: number) => Promise<Rows>,
   *   changed: () => void,
   *   failed: (error: unknown) => void,
   * }} with `failed`: nothing more is asked before {@link Blocks.wake}
   */
  constructor({ ask, changed, failed }) {
    this.ask = ask;
    this.changed = changed;
    this.failed = failed;
    /** @type {Map<number, Block>} */
    this.blocks = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    this.total = 0;
    this.events = 0;
    this.searched = 0;
    this.forgotten = 0;
    /** The first row that is still kept. */
    this.first = 0;
    /** How many rows there were when the newest ones were last asked for: up to there they are here. */
    this.tailed = 0;
    this.answered = false;
    this.rests = false;
    this.closed = false;
    this.wanted = { from: 0, end: 0, back: false };
    this.turn = 0;
  }

  /** @param {number} k */
  row(k) {
    return this.blocks.get(Math.floor(k / SIZE))?.rows[k % SIZE];
  }

  /**
   * These rows are looked at: what is not here is fetched, the rest may be let go.
   * @param {number} from
   * @param {number} end
   */
  want(from, end) {
    const back = from === this.wanted.from ? this.wanted.back : from < this.wanted.from;
    this.wanted = { from, end: Math.min(end, this.total), back };
    this.turn += 1;
    for (let b = Math.floor(from / SIZE); b * SIZE < end; b += 1) {
      const block = this.blocks.get(b);
      if (block) block.used = this.turn;
    }
    this.pump();
  }

  wake() {
    this.rests = false;
    this.pump();
  }

  close() {
    this.closed = true;
  }

  /**
   * Asks for the newest rows, and so for how many there are.
   * @param {number} count
   */
  async tail(count) {
    try {
      const page = await this.ask("tail", Math.min(count, SIZE));
      this.tailed = page.total;
      this.put(page);
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * One row, from here or from the server.
   * @param {number} k
   * @returns {Promise<Row | undefined>}
   */
  async read(k) {
    const here = this.row(k);
    if (here) return here;
    // Not kept: what is searched through is not what is looked at.
    return (await this.ask(k, 1)).rows.find((row) => row.k === k);
  }

  pump() {
    while (!this.rests && !this.closed && this.asked.size < LANES) {
      const lacks = this.lacking();
      if (lacks < 0) return;
      // The whole block at once: row by row backwards would be a question a row.
      let from = Math.max(this.first, Math.floor(lacks / SIZE) * SIZE);
      while (from < lacks && !this.stale(from)) from += 1;
      void this.fill(from);
    }
  }

  /**
   * The first wanted row that is not here, or may have changed since; -1: none that is not asked for already.
   * Who goes on as he goes will look at the blocks beside them next.
   */
  lacking() {
    const { from, end, back } = this.wanted;
    const here = this.among(from, end);
    if (here >= 0) return here;
    const on = back ? this.among(from - SIZE, from) : this.among(end, end + SIZE);
    return on >= 0 && !this.row(on) ? on : -1;
  }

  /** @param {number} from @param {number} end */
  among(from, end) {
    for (let k = Math.max(from, this.first); k < Math.min(end, this.total); k += 1) {
      const b = Math.floor(k / SIZE);
      if (this.asked.has(b)) k = (b + 1) * SIZE - 1;
      else if (this.stale(k)) return k;
    }
    return -1;
  }

  /** @param {number} k */
  stale(k) {
    const block = this.blocks.get(Math.floor(k / SIZE));
    if (!block?.rows[k % SIZE]) return true;
    const seen = block.seen[k % SIZE] ?? 0;
    return this.total > seen && k >= seen - YOUNG;
  }

  /** @param {number} from */
  async fill(from) {
    const b = Math.floor(from / SIZE);
    this.asked.add(b);
    try {
      const page = await this.ask(from, (b + 1) * SIZE - from);
      // What comes before the first row that the server could give is forgotten: never ask for it again.
      if (page.first > from) this.first = Math.max(this.first, page.first);
      this.put(page);
      // An answer that does not bring what it counts would be asked for for ever.
      if (from < this.total && from >= this.first && !this.row(from)) throw new Error("the answer lacks a row that it counts");
    } catch (error) {
      this.fail(error);
    } finally {
      this.asked.delete(b);
    }
    this.pump();
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.closed) return;
    this.rests = true;
    this.failed(error);
  }

  /** @param {Rows} page */
  put(page) {
    if (this.closed) return;
    this.answered = true;
    // Answers may come in another order than they were asked for.
    if (page.events >= this.events) {
      this.total = Math.max(page.total, page.first + page.rows.length);
      this.events = page.events;
      this.searched = page.searched;
      this.forgotten = page.forgotten;
    }
    for (const row of page.rows) this.keep(row, page.total);
    this.trim();
    this.changed();
  }

  /**
   * @param {Row} row
   * @param {number} total
   */
  keep(row, total) {
    const b = Math.floor(row.k / SIZE);
    let block = this.blocks.get(b);
    if (!block) {
      block = { rows: new Array(SIZE), seen: new Array(SIZE), used: this.turn };
      this.blocks.set(b, block);
    }
    block.rows[row.k % SIZE] = row;
    block.seen[row.k % SIZE] = Math.max(total, block.seen[row.k % SIZE] ?? 0);
  }

  trim() {
    while (this.blocks.size > MOST) {
      const [oldest] = [...this.blocks].reduce((old, one) => (one[1].used < old[1].used ? one : old));
      this.blocks.delete(oldest);
    }
  }
}
