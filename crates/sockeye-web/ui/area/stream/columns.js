/**
 * A row as elements: its cells, made once and painted again and again. Where a row stands is the list's matter.
 */

import { el } from "../../core/dom.js";
import { fromBase64 } from "../../core/bytes.js";
import { shown } from "../../core/text.js";
import { happening } from "./happening.js";
import { headsOf, payload } from "./heads.js";
import { lettered, pieces, reads } from "./pieces.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {{mark: HTMLElement, time: HTMLElement, c: HTMLElement, way: HTMLElement, peer: HTMLElement, size: HTMLElement, body: HTMLElement, cell: HTMLElement}} Cells */
/**
 * @typedef {{
 *   view: "auto" | "text" | "hex" | "both",
 *   encoding: (row: Row) => string,
 *   needle: import("./pieces.js").Needle,
 *   head: number,
 *   time: (row: Row) => string,
 *   words: import("../../core/types.js").Words,
 * }} Manner
 */

/** @type {WeakMap<HTMLElement, Cells>} */
const cells = new WeakMap();
/** @type {WeakMap<Row, Uint8Array>} */
const decoded = new WeakMap();
const NONE = new Uint8Array();

/** The kinds that are not bytes, by a mark of their own besides their colour. */
const MARKS = { open: "●", close: "■", note: "·", fault: "▲", error: "✕" };

/**
 * The first bytes of a row.
 * @param {Row} row
 * @returns {Uint8Array}
 */
export function bytesOf(row) {
  if (!row.data) return NONE;
  let bytes = decoded.get(row);
  if (!bytes) {
    bytes = fromBase64(row.data);
    decoded.set(row, bytes);
  }
  return bytes;
}

/** @param {Row} row */
export function wayOf(row) {
  if (row.kind === "frame") return row.dir ?? null;
  return row.kind === "in" || row.kind === "out" ? row.kind : null;
}

/** @returns {HTMLElement} */
export function makeRow() {
  const cell = (/** @type {string} */ name) => el("span", { class: name });
  const made = { mark: cell("r-mark"), time: cell("r-time"), c: cell("r-c"), way: cell("r-way"), peer: cell("r-peer cut"), size: cell("r-size"), body: cell("r-body") };
  const whole = el("div", { class: "r-cells", role: "gridcell", "aria-colindex": 1 }, Object.values(made));
  const row = el("div", { class: "r-row", role: "row" }, whole);
  cells.set(row, { ...made, cell: whole });
  return row;
}

/** @param {HTMLElement} node */
export function cellOf(node) {
  return cells.get(node)?.cell ?? node;
}

/**
 * @param {HTMLElement} node
 * @param {Row | undefined} row undefined: on its way
 * @param {Manner} manner
 */
export function paintRow(node, row, manner) {
  const at = cells.get(node);
  if (!at) return;
  if (!row) {
    node.className = "r-row waits";
    for (const cell of [at.time, at.c, at.way, at.peer, at.size, at.body]) cell.textContent = "";
    return;
  }
  const way = wayOf(row);
  node.className = `r-row is-${row.kind} ${way ? `way-${way}` : "is-event"}`;
  at.time.textContent = manner.time(row);
  at.c.textContent = row.c === null || row.c === undefined ? "" : `#${row.c}`;
  at.way.textContent = way === "in" ? "←" : way === "out" ? "→" : (MARKS[/** @type {keyof typeof MARKS} */ (row.kind)] ?? "");
  at.peer.textContent = row.from ? shown(row.from) : "";
  at.size.textContent = way ? manner.words.size(row.len ?? 0) : "";
  at.body.replaceChildren(...(way ? bytesDrawn(row, manner) : eventDrawn(row, manner)));
}

/**
 * @param {Row} row
 * @param {Manner} manner
 * @returns {Node[]}
 */
function eventDrawn(row, { words }) {
  return [
    el("span", { class: "r-kind" }, words.t(`stream.kind.${row.kind}`)),
    document.createTextNode(happening(row, words)),
    ...(row.code ? [el("span", { class: "r-code" }, shown(row.code))] : []),
  ];
}

/**
 * @param {Row} row
 * @param {Manner} manner
 * @returns {Node[]}
 */
function bytesDrawn(row, { view, encoding, needle, head }) {
  const bytes = bytesOf(row);
  const label = encoding(row);
  const clipped = (row.len ?? 0) > bytes.length;
  const made = (/** @type {"text" | "hex"} */ as) => pieces(row, bytes, { as, encoding: label, head, needle }).map(drawn);
  if (view === "both") return [el("span", { class: "r-half r-hex" }, made("hex")), el("span", { class: "r-half" }, made("text"))];
  if (view !== "auto") return made(view);
  return made(reads(payload(bytes, headsOf(row, bytes.length, head)), label, clipped) ? "text" : "hex");
}

/**
 * @param {import("./pieces.js").Piece} piece
 * @returns {Node}
 */
function drawn(piece) {
  if (piece.is === "text") return document.createTextNode(piece.text);
  const names = piece.is === "control" ? lettered(piece.text) : null;
  // What is drawn is the name; what is selected and read aloud stays the one picture.
  return el("span", { class: `p-${piece.is}`, data: { names: names ?? undefined } }, piece.text);
}
