/**
 * The language of `--fault`, taken apart and put together: which faults a text names, with
 * their values as text. Whether a value is one is said by the relay, which has the last word;
 * what cannot be taken apart at all is refused here with its place.
 */

/** All faults, in the order in which they are shown. */
export const NAMES = /** @type {const} */ ([
  "delay", "rate", "stall", "split", "coalesce", "drop", "dup", "reorder", "corrupt", "size",
  "cut", "rst", "half-close", "slow-close",
]);

/** @typedef {typeof NAMES[number]} Name */
/** @typedef {"dir" | "on" | "first" | "p" | "share" | "gap" | "then"} Key */
/** @typedef {{ name: Name, value: string | null, keys: Partial<Record<Key, string>> }} Fault */

/** In the order in which the relay writes them. @type {readonly Key[]} */
const KEYS = ["gap", "then", "dir", "on", "first", "p", "share"];
/** What only one fault has. @type {Partial<Record<Key, Name>>} */
const OWN = { gap: "split", then: "stall" };

/** The most faults that go together. */
export const MOST = 32;

/** A text that names no faults; where, counted in characters from 1. */
export class FaultText extends Error {
  /**
   * @param {"name" | "key" | "twice" | "many"} kind
   * @param {string} what
   * @param {number} column
   */
  constructor(kind, what, column) {
    super(`${kind} at column ${column}: ${what}`);
    this.kind = kind;
    this.what = what;
    this.column = column;
  }
}

/**
 * A part of the text and where it begins, without the blanks around it.
 * @param {string} text
 * @param {number} column
 */
function word(text, column) {
  return { text: text.trim(), column: column + [...text].length - [...text.trimStart()].length };
}

/**
 * @param {{ text: string, column: number }} whole
 * @param {string} at
 */
function split({ text, column }, at) {
  let from = column;
  return text.split(at).map((part) => {
    const found = word(part, from);
    from += [...part].length + at.length;
    return found;
  });
}

/** @param {{ text: string, column: number }} whole */
function halves({ text, column }) {
  const at = text.indexOf("=");
  return at < 0
    ? { name: text, value: null, column }
    : { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim(), column };
}

/**
 * @param {string} text `split=1; delay=50ms±10ms,dir=up`; `none` and nothing are no faults
 * @returns {Fault[]}
 * @throws {FaultText}
 */
export function parse(text) {
  if (text.trim() === "none") return [];
  const parts = split({ text, column: 1 }, ";").filter((part) => part.text !== "");
  if (parts.length > MOST) throw new FaultText("many", String(parts.length), parts[MOST]?.column ?? 1);
  return parts.map(fault);
}

/** @param {{ text: string, column: number }} whole @returns {Fault} */
function fault(whole) {
  const [first, ...rest] = split(whole, ",").map(halves);
  const name = NAMES.find((known) => known === first?.name);
  if (!first || !name) throw new FaultText("name", first?.name ?? "", whole.column);
  /** @type {Fault} */
  const found = { name, value: first.value, keys: {} };
  for (const { name: given, value, column } of rest) {
    const key = KEYS.find((known) => known === given && (OWN[known] ?? name) === name);
    if (!key) throw new FaultText("key", given, column);
    if (key in found.keys) throw new FaultText("twice", given, column);
    found.keys[key] = value ?? "";
  }
  return found;
}

/** @param {Fault} fault */
function written({ name, value, keys }) {
  const given = KEYS.flatMap((key) => (keys[key] === undefined ? [] : [`,${key}=${keys[key]}`]));
  return `${name}${value === null ? "" : `=${value}`}${given.join("")}`;
}

/**
 * @param {readonly Fault[]} faults
 * @returns {string} as {@link parse} reads it; empty where there is none
 */
export function write(faults) {
  return faults.map(written).join("; ");
}

/**
 * `A±B`, `A+-B` or `A`.
 * @param {string | null} value
 * @returns {[middle: string, spread: string | null]}
 */
export function around(value) {
  const [middle = "", spread = null] = (value ?? "").split(/±|\+-/).map((part) => part.trim());
  return [middle, spread];
}

/**
 * Whether two texts name the same faults, however they are spaced.
 * @param {string} one
 * @param {string} other
 */
export function same(one, other) {
  try {
    return write(parse(one)) === write(parse(other));
  } catch {
    return one === other;
  }
}
