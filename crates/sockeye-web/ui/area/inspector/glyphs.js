/**
 * One drawn character for each byte, so that the text column stays a grid: a character of several bytes stands
 * at its first, and the others are blank. Pure.
 */

import { decode } from "../../core/text.js";

/** The longest character of any encoding we show. */
const LONGEST = 4;

/**
 * @param {Uint8Array} around the bytes with a few before and after
 * @param {number} from
 * @param {number} count
 * @param {string} encoding
 * @returns {string[]} `count` of them
 */
export function glyphs(around, from, count, encoding) {
  /** @type {string[]} */
  const list = new Array(around.length).fill("·");
  for (let at = 0; at < around.length; ) {
    const used = character(around.subarray(at, at + LONGEST), encoding);
    list[at] = used ? used.text : "·";
    for (let more = 1; more < (used?.bytes ?? 1); more += 1) list[at + more] = " ";
    at += used?.bytes ?? 1;
  }
  return list.slice(from, from + count);
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @returns {{text: string, bytes: number} | null} null: the first byte begins no character that can be drawn
 */
function character(bytes, encoding) {
  const first = bytes[0] ?? 0;
  if (first >= 0x20 && first < 0x7f && !encoding.startsWith("utf-16")) return { text: String.fromCharCode(first), bytes: 1 };
  if (first < 0x80 && !encoding.startsWith("utf-16")) return null;
  for (let length = 1; length <= bytes.length; length += 1) {
    const { text, whole } = decode(bytes.subarray(0, length), encoding);
    if (text && whole && [...text].length === 1 && /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(text) && text !== "\ufffd") return { text, bytes: length };
  }
  return null;
}
