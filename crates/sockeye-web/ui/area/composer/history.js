/**
 * What was sent before: a list by kind of endpoint, newest first, each text once, bounded; and the walk
 * through it by the arrow keys. Pure: where it is kept is not its business.
 */

/** @typedef {{kind: "text" | "hex", data: string, escapes?: boolean}} Entry */

export const MOST_ENTRIES = 500;
/** A longer message is a file's work, and would crowd out everything else that is kept. */
export const LONGEST = 4096;
/** Characters kept for one kind of endpoint: eight kinds stay well below the keepsakes' one MiB. */
export const MOST_CHARACTERS = 64 * 1024;

/** @param {Entry} a @param {Entry} b */
export function same(a, b) {
  return a.kind === b.kind && a.data === b.data && Boolean(a.escapes) === Boolean(b.escapes);
}

/**
 * What another version or another hand left in the store, as far as it is a history.
 * @param {unknown} kept
 * @returns {Entry[]}
 */
export function read(kept) {
  if (!Array.isArray(kept)) return [];
  return bounded(kept.filter(isEntry).map(plain));
}

/** @param {any} entry @returns {entry is Entry} */
function isEntry(entry) {
  return (entry?.kind === "text" || entry?.kind === "hex") && typeof entry.data === "string" && entry.data !== "";
}

/** @param {Entry} entry @returns {Entry} */
function plain({ kind, data, escapes }) {
  return escapes && kind === "text" ? { kind, data, escapes: true } : { kind, data };
}

/** @param {Entry[]} entries */
function bounded(entries) {
  let characters = 0;
  const kept = [];
  for (const entry of entries) {
    if (entry.data.length > LONGEST) continue;
    characters += entry.data.length;
    if (kept.length === MOST_ENTRIES || characters > MOST_CHARACTERS) break;
    kept.push(entry);
  }
  return kept;
}

/**
 * @param {Entry[]} entries
 * @param {Entry} entry
 * @returns {Entry[]} with it first, and nowhere else
 */
export function add(entries, entry) {
  if (!isEntry(entry) || entry.data.length > LONGEST) return entries;
  return bounded([plain(entry), ...entries.filter((one) => !same(one, entry))]);
}

/** @param {Entry[]} entries @param {Entry} entry */
export function remove(entries, entry) {
  return entries.filter((one) => !same(one, entry));
}

/**
 * @param {Entry[]} entries
 * @param {string} wanted words that must all be there, in any order and case
 */
export function search(entries, wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ data }) => {
    const text = data.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Where the arrow keys are in the history. What was being written comes back at the end of the walk. */
export class Walk {
  /** @type {Entry | null} */
  #written = null;
  #at = -1;

  /** Forgets the walk: something was typed or sent. */
  leave() {
    this.#written = null;
    this.#at = -1;
  }

  /**
   * @param {Entry[]} entries
   * @param {Entry} now what stands in the field
   * @returns {Entry | null} null: there is nothing older
   */
  older(entries, now) {
    let next = this.#at + 1;
    while (next < entries.length && same(entries[next], now)) next += 1;
    if (next >= entries.length) return null;
    this.#written ??= now;
    this.#at = next;
    return entries[next];
  }

  /**
   * @param {Entry[]} entries
   * @param {Entry} now
   * @returns {Entry | null} null: no walk is under way
   */
  newer(entries, now) {
    if (this.#at < 0) return null;
    let next = this.#at - 1;
    while (next >= 0 && same(entries[next], now)) next -= 1;
    this.#at = next;
    if (next >= 0) return entries[next];
    const written = this.#written;
    this.leave();
    return written;
  }
}
