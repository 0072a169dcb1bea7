/**
 * What a stream is asked for: the view's question and its words for the server. Pure.
 */

/** @typedef {import("../../core/types.js").Params} Params */
/**
 * @typedef {{
 *   by: "reads" | "frames",
 *   frame: string,
 *   dir: "" | "in" | "out",
 *   kinds: string[],
 *   conversations: number[],
 *   find: string,
 * }} Query `frame` "": the run's own framing; `find` "": all rows
 */

/** The kinds that a filter can leave out, in the order of its list. */
export const KINDS = ["data", "open", "close", "note", "fault", "error"];

/** @returns {Query} */
export function everything() {
  return { by: "reads", frame: "", dir: "", kinds: [], conversations: [], find: "" };
}

/**
 * @param {Query} query
 * @returns {Params} what is as usual is left out
 */
export function params(query) {
  return {
    by: query.by,
    frame: query.frame || null,
    dir: query.dir || null,
    c: query.conversations,
    kind: query.kinds,
    find: query.find || null,
  };
}

/**
 * @param {Query} a
 * @param {Query} b
 */
export function same(a, b) {
  return JSON.stringify(params(a)) === JSON.stringify(params(b));
}

/**
 * Whether rows are left out.
 * @param {Query} query
 */
export function narrows(query) {
  return Boolean(query.dir || query.kinds.length || query.conversations.length || query.find);
}

/**
 * What a needle would look like in a row: text as letters, `hex:` as bytes. Of `re:` null: only the server
 * runs patterns, since one can take for ever.
 * @param {string} find
 * @returns {{text: string} | {bytes: Uint8Array} | null}
 */
export function needle(find) {
  if (!find || find.startsWith("re:")) return null;
  if (!find.startsWith("hex:")) return { text: find };
  const digits = find.slice(4).replace(/[\s,:-]|0x/gi, "");
  if (digits.length === 0 || digits.length % 2 || /[^0-9a-f]/i.test(digits)) return null;
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], (two) => Number.parseInt(two, 16)) };
}
