/**
 * How many events and bytes there were, since the beginning or since the counters were set to zero. Pure.
 */

/** @typedef {import("../../core/types.js").Run} Run */
/** @typedef {{events: number, in: number, out: number}} Counts */

export class Counters {
  constructor() {
    /** @type {Map<number, {in: number, out: number}>} a server tells of the last hundred that ended: the others are kept here */
    this.conversations = new Map();
    this.events = 0;
    /** @type {Counts} */
    this.zero = { events: 0, in: 0, out: 0 };
  }

  /** @param {Run} run */
  take(run) {
    this.events = Math.max(this.events, run.events);
    for (const one of run.conversations) this.conversations.set(one.c, { in: one.in, out: one.out });
  }

  /** @returns {Counts} */
  get whole() {
    let into = 0;
    let out = 0;
    for (const one of this.conversations.values()) {
      into += one.in;
      out += one.out;
    }
    return { events: this.events, in: into, out };
  }

  /** @returns {Counts} since they were set to zero */
  get now() {
    const { events, in: into, out } = this.whole;
    return { events: events - this.zero.events, in: into - this.zero.in, out: out - this.zero.out };
  }

  reset() {
    this.zero = this.whole;
  }
}
