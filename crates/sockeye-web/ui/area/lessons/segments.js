/**
 * What one side sent in a direction and what the other side's recvs returned of it, laid along the same bytes.
 * Pure: nothing is drawn here.
 */

import { fromBase64 } from "../../core/bytes.js";
import { decode, shown } from "../../core/text.js";

/** @typedef {import("./types.js").Lesson} Lesson */
/** @typedef {import("./types.js").Move} Move */
/** @typedef {{from: number, len: number, text: string, at: number}} Segment */
/** @typedef {{to: "server" | "client", conversation: number, sent: Segment[], received: Segment[], total: number}} Way */

/** How many conversations are laid out. */
const MOST = 3;
/** How many characters of a segment are worth drawing. */
const LONGEST = 48;

/**
 * The bytes of a move as text, or as hex where they are none.
 * @param {Move} move
 */
export function textOf(move) {
  const bytes = fromBase64(move.data);
  const clipped = bytes.length < move.len;
  const read = decode(bytes, "auto", { clipped });
  const hex = () => Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = read.text !== null && (read.whole || clipped) && !binary(read.text) ? shown(read.text) : hex();
  const letters = Array.from(text);
  return letters.length > LONGEST || clipped ? `${letters.slice(0, LONGEST).join("")}…` : text;
}

/**
 * Controls other than line ends: bytes that happen to decode.
 * @param {string} text
 */
function binary(text) {
  return /[\0-\x08\x0E-\x1F]/.test(text);
}

/**
 * The directions of the newest conversations that hold bytes. The n-th conversation of one side is the n-th of
 * the other: in a lesson nobody else calls.
 * @param {Lesson} lesson
 * @returns {Way[]}
 */
export function ways(lesson) {
  const client = order(lesson.client.moves);
  const server = order(lesson.server.moves);
  /** @type {Way[]} */
  const found = [];
  for (const [place, c] of client.entries()) {
    const other = server[place];
    for (const to of /** @type {const} */ (["server", "client"])) {
      const [from, into] = to === "server" ? [lesson.client, lesson.server] : [lesson.server, lesson.client];
      const [sender, receiver] = to === "server" ? [c, other] : [other, c];
      const sent = segments(from.moves, sender, "out");
      const received = segments(into.moves, receiver, "in");
      const total = Math.max(end(sent), end(received));
      if (total > 0) found.push({ to, conversation: place + 1, sent, received, total });
    }
  }
  const newest = Math.max(0, client.length - MOST);
  return found.filter((way) => way.conversation > newest);
}

/**
 * Conversations in the order in which they began.
 * @param {Move[]} moves
 */
function order(moves) {
  return moves.filter((move) => move.kind === "open").map((move) => move.c);
}

/**
 * @param {Move[]} moves
 * @param {number | undefined} c
 * @param {"in" | "out"} kind
 * @returns {Segment[]}
 */
function segments(moves, c, kind) {
  const mine = moves.filter((move) => move.c === c && move.kind === kind);
  return mine.map((move) => ({ from: move.off, len: move.len, text: textOf(move), at: move.at }));
}

/** @param {Segment[]} list */
function end(list) {
  const last = list.at(-1);
  return last ? last.from + last.len : 0;
}

/**
 * The widths of the pieces between all cuts of both lanes, in letters: a piece is as wide as what is written on it
 * needs, so that a cut stands at one place in both lanes.
 * @param {Way} way
 * @returns {{cuts: number[], widths: number[]}}
 */
export function grid(way) {
  const all = [...way.sent, ...way.received];
  const cuts = [...new Set([0, way.total, ...all.flatMap((one) => [one.from, one.from + one.len])])].sort((a, b) => a - b);
  const widths = cuts.slice(1).map((cut, place) => Math.min(cut - (cuts[place] ?? 0), LONGEST));
  return { cuts, widths };
}

/**
 * Where a segment stands on the grid, as grid lines from 1.
 * @param {Segment} segment
 * @param {number[]} cuts
 * @returns {[number, number]}
 */
export function columns(segment, cuts) {
  return [cuts.indexOf(segment.from) + 1, cuts.indexOf(segment.from + segment.len) + 1];
}
