/**
 * A row's bytes as the pieces that are drawn one after another: text or hex, brackets of frames, ticks of
 * reads, marks of what is looked for. Pure; it makes no elements.
 */

import { decode, shown } from "../../core/text.js";
import { toHex } from "../../core/bytes.js";
import { headsOf, payload } from "./heads.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {{text: string, is: "text" | "hex" | "edge" | "goes" | "tick" | "hit" | "more" | "raw" | "control"}} Piece */
/** @typedef {{text: string} | {bytes: Uint8Array} | null} Needle */

const BEGAN = 1;
const GOES_ON = 2;

/** What {@link shown} puts in place of controls and of what misleads: fainter than the letters around it. */
const MARKED = /([\u2400-\u241f\u2421]+|\u27e8U\+[0-9A-F]{4,6}\u27e9)/u;
const PICTURE = /^[\u2400-\u2421]|^\u27e8U\+/u;

/** What text holds besides letters: tabs, line ends, escape sequences of a terminal. */
const USUAL = new Set([7, 8, 9, 10, 12, 13, 27]);

/**
 * Whether bytes are better read as text. Bytes that decode are not always letters: a length of `00 05` does too.
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {boolean} clipped
 */
export function reads(bytes, encoding, clipped) {
  if (bytes.length === 0) return true;
  const control = bytes.reduce((n, byte) => n + (byte < 0x20 && !USUAL.has(byte) ? 1 : 0), 0);
  if (control * 8 > bytes.length) return false;
  return encoding !== "auto" || decode(bytes, "auto", { clipped }).text !== null;
}

const NAMES = "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

/**
 * The pictures of controls by their names: the pictures themselves are too small to be told apart.
 * @param {string} pictures
 * @returns {string | null} null: they are no pictures, but what misleads, written out already
 */
export function lettered(pictures) {
  if (pictures.startsWith("\u27e8")) return null;
  return [...pictures].map((picture) => NAMES[(picture.codePointAt(0) ?? 0) - 0x2400] ?? (picture === "\u2421" ? "DEL" : picture)).join("\u2009");
}

/**
 * The places where something stands between bytes, in order.
 * @param {Row} row
 * @param {number} have
 * @returns {Map<number, Piece[]>}
 */
function marks(row, have) {
  /** @type {Map<number, Piece[]>} */
  const at = new Map();
  /** @param {number} place @param {Piece} piece */
  const put = (place, piece) => {
    if (place <= have) at.set(place, [...(at.get(place) ?? []), piece]);
  };
  for (const [from, length, flags] of row.frames ?? []) {
    if (flags & BEGAN) put(from, { text: "⋯", is: "goes" });
    put(from, { text: "⟦", is: "edge" });
    put(from + length, { text: "⟧", is: "edge" });
    if (flags & GOES_ON) put(from + length, { text: "⋯", is: "goes" });
  }
  for (const cut of row.cuts ?? []) put(cut, { text: "│", is: "tick" });
  return at;
}

/**
 * Letters, and what stands in place of controls.
 * @param {string} text as it is shown
 * @returns {Piece[]}
 */
function parted(text) {
  return text.split(MARKED).filter(Boolean).map((part) => ({ text: part, is: PICTURE.test(part) ? "control" : "text" }));
}

/**
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {boolean} clipped
 * @returns {Piece[]}
 */
function letters(bytes, encoding, clipped) {
  const { text, used } = decode(bytes, encoding, { clipped });
  if (text === null) return [{ text: toHex(bytes), is: "raw" }];
  const left = clipped ? new Uint8Array() : bytes.subarray(used);
  const pieces = parted(shown(text));
  // The beginning of a character whose end is elsewhere.
  if (left.length) pieces.push({ text: `‹${toHex(left)}›`, is: "raw" });
  return pieces;
}

/**
 * @param {Row} row
 * @param {Uint8Array} bytes its first ones
 * @param {{as: "text" | "hex", encoding: string, head?: number, needle?: Needle}} how `head`: bytes before each frame's payload
 * @returns {Piece[]}
 */
export function pieces(row, bytes, { as, encoding, head = 0, needle = null }) {
  const clipped = (row.len ?? bytes.length) > bytes.length;
  const between = marks(row, bytes.length);
  const heads = as === "hex" ? [] : headsOf(row, bytes.length, head);
  // Auto decides by the whole row: a frame of it alone might read as another encoding.
  const label = as === "hex" ? encoding : whole(payload(bytes, heads), encoding, clipped);
  const places = [...new Set([0, ...between.keys(), ...heads.flat(), bytes.length])].sort((a, b) => a - b);
  /** @type {Piece[]} */
  const drawn = [];
  places.forEach((from, index) => {
    drawn.push(...(between.get(from) ?? []));
    const to = places[index + 1];
    if (to === undefined) return;
    const part = bytes.subarray(from, to);
    if (as === "hex") drawn.push({ text: toHex(part), is: "hex" });
    else if (heads.some(([begins, ends]) => from >= begins && from < ends)) drawn.push({ text: `‹${toHex(part)}›`, is: "raw" });
    else drawn.push(...letters(part, label, clipped && to === bytes.length));
  });
  if (clipped) drawn.push({ text: "…", is: "more" });
  return hits(drawn, needle);
}

/**
 * The encoding that auto comes to.
 * @param {Uint8Array} bytes
 * @param {string} encoding
 * @param {boolean} clipped
 */
export function whole(bytes, encoding, clipped) {
  if (encoding !== "auto") return encoding;
  const utf8 = decode(bytes, "auto", { clipped });
  if (utf8.text === null) return "auto";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, utf8.used));
    return "utf-8";
  } catch {
    return "gb18030";
  }
}

/**
 * @param {Piece[]} drawn
 * @param {Needle} needle
 * @returns {Piece[]}
 */
function hits(drawn, needle) {
  if (!needle) return drawn;
  // A text that is drawn as hex is found in it all the same.
  const hex = toHex("text" in needle ? new TextEncoder().encode(needle.text) : needle.bytes);
  const marked = "text" in needle ? split(joined(drawn, "text"), "text", shown(needle.text)).flatMap((piece) => (piece.is === "text" ? parted(piece.text) : [piece])) : drawn;
  return split(marked, "hex", hex);
}

/**
 * @param {Piece[]} drawn
 * @param {Piece["is"]} kind of the pieces that are looked into
 * @param {string} word
 * @returns {Piece[]}
 */
function split(drawn, kind, word) {
  if (!word) return drawn;
  return drawn.flatMap((piece) => {
    if (piece.is !== kind) return [piece];
    const parts = piece.text.split(word);
    return parts.flatMap((text, index) => [
      ...(index > 0 ? [/** @type {Piece} */ ({ text: word, is: "hit" })] : []),
      ...(text ? [{ ...piece, text }] : []),
    ]);
  });
}

/**
 * Letters and controls together, where a needle may stand across both.
 * @param {Piece[]} drawn
 * @param {string} kind
 * @returns {Piece[]}
 */
function joined(drawn, kind) {
  if (kind !== "text") return drawn;
  /** @type {Piece[]} */
  const list = [];
  for (const piece of drawn) {
    const last = list.at(-1);
    const letters = piece.is === "text" || piece.is === "control";
    if (letters && last?.is === "text") list[list.length - 1] = { text: last.text + piece.text, is: "text" };
    else list.push(letters ? { text: piece.text, is: "text" } : piece);
  }
  return list;
}
