/**
 * What can be turned at each fault: its values, where their sliders stop, and what it begins
 * with when it is switched on. What the faults do is the relay's.
 */

import { count, rate, share, size, time } from "./quantity.js";
import { STOPS } from "./stops.js";

/**
 * @typedef {import("./language.js").Name} Name
 * @typedef {"streams" | "datagrams"} Carrier
 * @typedef {{ quantity: import("./quantity.js").Quantity, stops: readonly number[] }} Dial
 * @typedef {{
 *   name: Name,
 *   group: "time" | "shape" | "loss" | "end",
 *   begins: string | null,
 *   dial: Dial | null,
 *   bare: "first" | "last" | null,
 *   spread: Dial | null,
 *   fits: Carrier | null,
 * }} Knob `bare`: it may stand without a value, which is less than the first stop or more than
 *   the last; `fits`: it means something to that carrier alone
 */

const TIME = { quantity: time, stops: STOPS.time };
const WAIT = { quantity: time, stops: STOPS.wait };
const SHARE = { quantity: share, stops: STOPS.share };

/**
 * @param {Name} name
 * @param {Knob["group"]} group
 * @param {Partial<Knob>} rest
 * @returns {Knob}
 */
function knob(name, group, rest) {
  return { name, group, begins: null, dial: null, bare: null, spread: null, fits: null, ...rest };
}

/** @type {readonly Knob[]} */
export const KNOBS = [
  knob("delay", "time", { begins: "100ms", dial: TIME, spread: WAIT }),
  knob("rate", "time", { begins: "64kbit", dial: { quantity: rate, stops: STOPS.rate } }),
  knob("stall", "time", { dial: TIME, bare: "last" }),
  knob("split", "shape", { begins: "1", dial: { quantity: count, stops: STOPS.piece }, spread: { quantity: count, stops: [0, ...STOPS.piece] }, fits: "streams" }),
  knob("coalesce", "shape", { begins: "50ms", dial: TIME, fits: "streams" }),
  knob("size", "shape", { begins: "512", dial: { quantity: count, stops: STOPS.piece }, fits: "datagrams" }),
  knob("drop", "loss", { begins: "5%", dial: SHARE, bare: "last" }),
  knob("dup", "loss", { begins: "5%", dial: SHARE, bare: "last" }),
  knob("reorder", "loss", { begins: "5%", dial: SHARE, bare: "last" }),
  knob("corrupt", "loss", { dial: SHARE, bare: "first" }),
  knob("cut", "end", { begins: "1KiB", dial: { quantity: size, stops: STOPS.amount }, fits: "streams" }),
  knob("rst", "end", { dial: TIME, bare: "first", fits: "streams" }),
  knob("half-close", "end", { dial: TIME, bare: "first", fits: "streams" }),
  knob("slow-close", "end", { begins: "1s", dial: TIME, fits: "streams" }),
];

/** @param {Name} name @returns {Knob} */
export function knobOf(name) {
  const found = KNOBS.find((one) => one.name === name);
  if (!found) throw new Error(`no knob for ${name}`);
  return found;
}

/**
 * What a relay over this carries.
 * @param {string} proto
 * @returns {Carrier}
 */
export function carrier(proto) {
  return /udp|unixgram|dgram/.test(proto) ? "datagrams" : "streams";
}
