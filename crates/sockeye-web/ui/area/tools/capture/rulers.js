/**
 * The rulers of a capture as a picture: what was written, the segments on the wire, what was
 * read and the frames, over the same bytes. The numbers are laid out elsewhere.
 */

import { el, replace } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { layout } from "./layout.js";

/**
 * @typedef {import("./groups.js").Group} Group
 */

const SVG = "http://www.w3.org/2000/svg";
const ROW = 24;
const BAR = 18;

/**
 * @param {import("../../../core/types.js").Words} words
 * @param {Group} group
 * @param {number} room in pixels
 */
export function drawRulers({ t, has }, { title, rulers }, room) {
  const name = (/** @type {string} */ of) => (has(`tools.capture.row.${of}`) ? t(`tools.capture.row.${of}`) : of);
  const blocks = layout(rulers, Math.max(120, room));
  const names = el("div", { class: "ruler-names" }, rulers.map((row) => el("span", { class: `ruler-${row.name}` }, name(row.name))));
  const pictures = blocks.map((block) => {
    const height = block.rows.length * ROW;
    const svg = part("svg", { width: block.width + 1, height, viewBox: `0 0 ${block.width + 1} ${height}`, role: "img", "aria-label": spoken(t, name, block) });
    block.rows.forEach((row, at) => {
      for (const piece of row.pieces) svg.append(drawn(piece, at * ROW, row.name));
    });
    return el("div", { class: "ruler-block" }, names.cloneNode(true), svg, el("span", { class: "ruler-offset" }, t("tools.capture.bytes", { from: block.first, to: block.last })));
  });
  const node = el("figure", { class: "rulers" }, title ? el("figcaption", {}, shown(title)) : null);
  node.append(...pictures);
  return node;
}

/**
 * @param {import("./layout.js").Drawn} piece
 * @param {number} top
 * @param {string} name
 */
function drawn(piece, top, name) {
  const width = piece.to - piece.from;
  const y = top + (ROW - BAR) / 2;
  const text = String(piece.bytes);
  const fits = text.length * 7 + 4 <= width;
  const group = part("g", { class: `ruler-piece ruler-${name}` });
  const title = part("title", {});
  title.textContent = `${piece.bytes} B`;
  group.append(title, part("rect", { x: piece.from + 0.5, y: y + 0.5, width: Math.max(1, width - 1), height: BAR - 1, rx: 2 }));
  // Open at the side on which the piece goes on in another block.
  if (piece.begun) group.append(part("path", { d: `M${piece.from + 1} ${y}v${BAR}`, class: "ruler-open" }));
  if (piece.goes) group.append(part("path", { d: `M${piece.to - 0.5} ${y}v${BAR}`, class: "ruler-open" }));
  if (fits) {
    const number = part("text", { x: piece.from + width / 2, y: y + BAR / 2 + 4, "text-anchor": "middle" });
    number.textContent = text;
    group.append(number);
  }
  return group;
}

/**
 * The same in words: each ruler's lengths.
 * @param {import("../../../core/types.js").Words["t"]} t
 * @param {(name: string) => string} name
 * @param {import("./layout.js").Block} block
 */
function spoken(t, name, { first, last, rows }) {
  const told = rows.map((row) => `${name(row.name)}: ${row.pieces.slice(0, 40).map((piece) => piece.bytes).join(", ")}`);
  return `${t("tools.capture.bytes", { from: first, to: last })}. ${told.join(". ")}`;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function part(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/**
 * Rulers that are drawn anew when their place has another width, and only then.
 * @param {import("../../../core/types.js").Words} words
 */
export function rulersView(words) {
  const node = el("div", { class: "rulers-place" });
  /** @type {Group[]} */
  let shownGroups = [];
  let drawnAs = "";

  function draw() {
    const room = Math.floor(node.clientWidth) - 76;
    const now = `${room} ${JSON.stringify(shownGroups)}`;
    if (now === drawnAs || room <= 0) return;
    drawnAs = now;
    replace(node, shownGroups.map((group) => drawRulers(words, group, room)));
  }
  const sizes = new ResizeObserver(draw);
  sizes.observe(node);
  return {
    node,
    /** @param {Group[]} groups */
    show(groups) {
      shownGroups = groups;
      draw();
    },
    destroy: () => sizes.disconnect(),
  };
}
