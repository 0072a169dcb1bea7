/**
 * Bytes as a grid: offset, hex, text beside it; chosen by the mouse and by Shift with the arrows. Only the lines
 * on the screen are in the page.
 */

import { el, unique } from "../../core/dom.js";
import { createList } from "../stream/list.js";
import { glyphs } from "./glyphs.js";

/** @typedef {import("./paged.js").Paged} Paged */
const LINE = 20;
/** The width in characters of 16 bytes with offset and text; narrower: 8. */
const WIDE = 84;

/**
 * @param {{
 *   label: string,
 *   said: (off: number, byte: number | null, chosen: number) => string,
 *   bytes: () => Paged | null,
 *   encoding: () => string,
 *   chose: (from: number, len: number) => void,
 *   copy: () => void,
 * }} with
 */
export function createHexGrid({ label, said, bytes, encoding, chose, copy }) {
  let columns = 16;
  /** @type {number | null} */
  let at = null;
  let from = 0;
  const spoken = el("div", { class: "heard", role: "status" });
  const stem = unique("byte");
  const list = createList({ row: LINE, make, paint, looked: () => {} });
  const { box } = list;
  box.classList.add("hex-list");
  box.tabIndex = 0;
  for (const [name, value] of Object.entries({ role: "grid", "aria-label": label, "aria-multiselectable": "true" })) box.setAttribute(name, value);

  function make() {
    return el("div", { class: "hex-line", role: "row" }, el("span", { class: "hex-off", role: "rowheader" }), el("span", { class: "hex-bytes", role: "presentation" }), el("span", { class: "hex-text", "aria-hidden": true }));
  }

  /** @param {HTMLElement} node @param {number} line */
  function paint(node, line) {
    const source = bytes();
    const [offset, hex, text] = /** @type {HTMLElement[]} */ ([...node.children]);
    const start = line * columns;
    node.setAttribute("aria-rowindex", String(line + 1));
    offset.textContent = start.toString(16).padStart(source && source.length > 0xffffff ? 8 : 6, "0");
    const part = source?.at(start, columns) ?? null;
    if (!part || !source) {
      hex.replaceChildren();
      text.replaceChildren();
      return;
    }
    // A character may begin in the line before and end in the next.
    const before = Math.min(3, start);
    const around = source.at(start - before, before + columns + 3) ?? part;
    const drawn = glyphs(around, around === part ? 0 : before, part.length, encoding());
    hex.replaceChildren(...Array.from(part, (byte, index) => cell(byte.toString(16).padStart(2, "0"), start + index, index, true)));
    text.replaceChildren(...drawn.map((glyph, index) => cell(glyph, start + index, index, false)));
  }

  /** @param {string} text @param {number} off @param {number} index @param {boolean} hex */
  function cell(text, off, index, hex) {
    const on = off >= first() && off < first() + count();
    const name = `${on ? "on" : ""} ${off === at ? "at" : ""} ${hex && index % 8 === 0 && index > 0 ? "gap" : ""}`;
    if (!hex) return el("span", { class: name, data: { off } }, text);
    return el("span", { class: name, data: { off }, role: "gridcell", id: `${stem}-${off}`, "aria-selected": on }, text);
  }

  const first = () => (at === null ? 0 : Math.min(at, from));
  const count = () => (at === null ? 0 : Math.abs(at - from) + 1);

  /** @param {number} off @param {boolean} extend */
  function put(off, extend) {
    const source = bytes();
    if (!source || source.length === 0) return;
    at = Math.max(0, Math.min(off, source.length - 1));
    if (!extend) from = at;
    list.seek(Math.floor(at / columns));
    list.repaint();
    spoken.textContent = said(at, source.at(at, 1)?.[0] ?? null, count());
    chose(first(), count());
  }

  /** @param {EventTarget | null} target */
  const under = (target) => (target instanceof HTMLElement && target.dataset.off ? Number(target.dataset.off) : null);
  box.addEventListener("pointerdown", (event) => {
    const off = under(event.target);
    if (event.button !== 0 || off === null) return;
    put(off, event.shiftKey);
    if (event.pointerType !== "touch") dragging = true;
  });
  let dragging = false;
  const drag = (/** @type {PointerEvent} */ event) => {
    const off = dragging ? under(event.target) : null;
    if (off !== null && off !== at) put(off, true);
  };
  const drop = () => (dragging = false);
  box.addEventListener("pointermove", drag);
  window.addEventListener("pointerup", drop);
  box.addEventListener("keydown", (event) => {
    const source = bytes();
    if (!source || event.isComposing || event.altKey) return;
    const mod = event.ctrlKey || event.metaKey;
    const now = at ?? 0;
    const lineStart = now - (now % columns);
    const page = list.page * columns;
    const leads = /** @type {Record<string, number>} */ ({
      ArrowRight: at === null ? 0 : now + 1, ArrowLeft: now - 1, ArrowDown: at === null ? 0 : now + columns, ArrowUp: now - columns,
      PageDown: now + page, PageUp: now - page, Home: mod ? 0 : lineStart, End: mod ? source.length - 1 : lineStart + columns - 1,
    });
    if (event.key in leads && (!mod || /^(Home|End)$/.test(event.key))) put(leads[event.key], event.shiftKey);
    else if (mod && event.key.toLowerCase() === "a") {
      from = 0;
      put(source.length - 1, true);
    } else if (event.key.toLowerCase() === "c" && at !== null && !event.shiftKey) copy();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const probe = el("span", { class: "hex-probe", "aria-hidden": true }, "0");
  const watching = new ResizeObserver(() => {
    const fits = box.clientWidth / (probe.getBoundingClientRect().width || 8) >= WIDE ? 16 : 8;
    if (fits === columns) return;
    columns = fits;
    update();
  });
  watching.observe(box);

  function update() {
    const source = bytes();
    box.dataset.columns = String(columns);
    box.setAttribute("aria-rowcount", String(Math.ceil((source?.length ?? 0) / columns)));
    list.resize(Math.ceil((source?.length ?? 0) / columns));
    list.repaint();
  }

  return {
    node: el("div", { class: "hex-frame" }, box, probe, spoken),
    update,
    repaint: () => list.repaint(),
    /** Other bytes: nothing of them is chosen. */
    reset() {
      at = null;
      from = 0;
      list.seek(0, "start");
      update();
    },
    destroy() {
      window.removeEventListener("pointerup", drop);
      watching.disconnect();
      list.destroy();
    },
  };
}
