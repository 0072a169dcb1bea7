/**
 * One look at one run: its question, the rows that are held of the answer, whether it follows the end,
 * stands still, or hides what was before. It draws nothing.
 */

import { Blocks } from "./blocks.js";
import { place } from "./place.js";
import { everything, params, same } from "./query.js";

/** @typedef {import("./query.js").Query} Query */
/** @typedef {import("../../core/types.js").Rows} Rows */

/** The tail is asked for ten times a second at most, and mere counts four times. */
const FOLLOW = 100;
const COUNT = 250;
/** How long it is still said that rows passed undrawn. */
const RUSH = 1500;
/** After a failure. */
const AGAIN = 1000;

export class View {
  /**
   * @param {{
   *   ask: (params: import("../../core/types.js").Params) => Promise<Rows>,
   *   changed: () => void,
   *   turned: (keep: number | null) => void,
   *   failed: (error: unknown, query: Query) => void,
   *   screen: () => number,
   *   clock?: () => number,
   *   later?: (run: () => void, ms: number) => any,
   * }} with `turned`: another question is answered now, and the event that was looked at is in row `keep`;
   *   `screen`: how many rows can be seen
   */
  constructor({ ask, changed, turned, failed, screen, clock = () => performance.now(), later = (run, ms) => setTimeout(run, ms) }) {
    this.ask = ask;
    this.changed = changed;
    this.turned = turned;
    this.failed = failed;
    this.screen = screen;
    this.clock = clock;
    this.later = later;
    this.query = everything();
    this.blocks = this.made(this.query);
    /** @type {Query | null} asked and not answered */
    this.coming = null;
    this.following = true;
    /** @type {number | null} how many rows there were when it was told to stand still */
    this.stands = null;
    /** The first event that is not cleared away, and its row. */
    this.cleared = { event: 0, row: 0 };
    /** Rows that came and were never drawn, since the view follows. */
    this.passed = 0;
    this.rushes = -Infinity;
    this.due = false;
    this.busy = false;
    this.timed = false;
    this.last = -Infinity;
    this.closed = false;
  }

  /** The first row that is shown. */
  get base() {
    return Math.max(this.cleared.row, this.blocks.first);
  }

  /** The row after the last that is shown. */
  get end() {
    return Math.max(this.base, this.stands ?? (this.following ? this.blocks.tailed : this.blocks.total));
  }

  get paused() {
    return this.stands !== null;
  }

  /** Rows that came while it stood still. */
  get behind() {
    return this.stands === null ? 0 : Math.max(0, this.blocks.total - this.stands);
  }

  /** Rows for the screen and the margin above it. */
  get enough() {
    return Math.min(200, this.screen() + 40);
  }

  /** @param {Query} query */
  made(query) {
    const fixed = params(query);
    const blocks = new Blocks({
      ask: (from, count) => this.ask({ from, count, ...fixed }),
      changed: () => this.blocks === blocks && this.grown(),
      failed: (error) => this.stumbled(blocks, error),
    });
    return blocks;
  }

  /**
   * @param {Blocks} blocks
   * @param {unknown} error
   */
  stumbled(blocks, error) {
    if (this.blocks !== blocks) return;
    this.failed(error, this.query);
    this.later(() => this.blocks === blocks && !this.closed && blocks.wake(), AGAIN);
  }

  /**
   * Asks something else. What is shown stays until there is an answer.
   * @param {Query} query
   * @param {number | null} keep the event that is to stay where it can be seen
   */
  async turn(query, keep = null) {
    if (this.closed || same(query, this.coming ?? this.query)) return;
    this.coming = query;
    const next = this.made(query);
    const current = () => this.coming === query && !this.closed;
    try {
      // An error of this first question is the user's to read: it is asked for here, not by the blocks.
      next.put(await this.ask({ from: "tail", count: this.enough, ...params(query) }));
      next.tailed = next.total;
      const cleared = this.cleared.event > 0 ? await this.row(next, this.cleared.event) : 0;
      const kept = keep === null ? null : await this.row(next, keep);
      if (!current()) return;
      this.blocks.close();
      this.blocks = next;
      this.query = query;
      this.coming = null;
      this.cleared = { event: this.cleared.event, row: cleared };
      if (this.stands !== null) this.stands = next.total;
      this.turned(kept);
      this.plan();
    } catch (error) {
      if (!current()) return;
      this.coming = null;
      this.failed(error, query);
    }
  }

  /**
   * @param {Blocks} blocks
   * @param {number} event
   */
  row(blocks, event) {
    return place({ first: blocks.first, total: blocks.total, read: (k) => blocks.read(k) }, event, { events: blocks.events });
  }

  /** The run has more events, or may have. */
  news() {
    this.due = true;
    this.plan();
  }

  plan() {
    if (this.closed || this.busy || this.timed) return;
    const searching = this.blocks.answered && this.blocks.searched < this.blocks.events;
    if (!this.due && !searching) return;
    const pace = this.following && !this.paused ? FOLLOW : COUNT;
    const wait = Math.max(0, this.last + pace - this.clock());
    this.timed = true;
    this.later(() => {
      this.timed = false;
      void this.look();
    }, wait);
  }

  async look() {
    if (this.closed) return;
    this.due = false;
    this.busy = true;
    this.last = this.clock();
    const before = this.blocks.total;
    const blocks = this.blocks;
    const shown = this.following && !this.paused ? this.enough : 1;
    await blocks.tail(shown);
    this.busy = false;
    const came = blocks.total - before;
    if (blocks === this.blocks && this.following && before > 0 && came > shown) {
      this.passed += came - shown;
      this.rushes = this.clock();
      this.later(() => this.blocks === blocks && !this.closed && this.changed(), RUSH + 50);
    }
    if (blocks.rests) this.later(() => this.news(), AGAIN);
    else this.plan();
  }

  /** Whether more comes than can be drawn. */
  get rushing() {
    return this.following && !this.paused && this.clock() - this.rushes < RUSH;
  }

  grown() {
    this.changed();
  }

  /** @param {boolean} on */
  follow(on) {
    if (this.following === on) return;
    this.following = on;
    this.passed = 0;
    this.rushes = -Infinity;
    if (on) this.stands = null;
    this.news();
    this.changed();
  }

  pause() {
    this.stands = this.paused ? null : this.blocks.total;
    this.news();
    this.changed();
  }

  /** Hides what was before now. The record stays. */
  clear() {
    this.cleared = { event: this.blocks.events, row: this.blocks.total };
    this.stands = null;
    this.changed();
  }

  /** Hides what was before an event, as it was hidden before. @param {number} event */
  async reclear(event) {
    const { blocks } = this;
    await blocks.tail(1);
    if (this.closed || this.blocks !== blocks || !blocks.answered || blocks.rests) return;
    const row = await this.row(blocks, event);
    if (this.closed || this.blocks !== blocks) return;
    this.cleared = { event, row };
    this.changed();
  }

  unclear() {
    this.cleared = { event: 0, row: 0 };
    this.changed();
  }

  close() {
    this.closed = true;
    this.blocks.close();
  }
}
