/**
 * The rows on the screen: the list, the cursor in it, its keys and its mouse, and what a screen reader hears.
 * What the rows are is the view's; it is asked for each time.
 */

import { unique } from "../../core/dom.js";
import { bytesOf, cellOf, makeRow, paintRow } from "./columns.js";
import { Cursor } from "./cursor.js";
import { createList } from "./list.js";
import { sentence } from "./sentence.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** @typedef {import("./view.js").View} View */

/**
 * @param {{
 *   words: import("../../core/types.js").Words,
 *   row: number,
 *   view: () => View | null,
 *   manner: () => import("./columns.js").Manner,
 *   chose: (row: Row | undefined) => void,
 *   opened: () => void,
 *   menu: {button: HTMLElement, open: () => void},
 *   copy: () => void,
 *   scrolled: () => void,
 *   leave: () => void,
 * }} with `leave`: the user turns the wheel away from the end
 */
export function createGrid({ words, row: height, view, manner, chose, opened, menu, copy, scrolled, leave }) {
  const cursor = new Cursor();
  const base = () => view()?.base ?? 0;
  const list = createList({
    row: height,
    make: makeRow,
    paint,
    looked: (from, end) => view()?.blocks.want(base() + from, base() + end),
    scrolled,
    rested: hear,
  });
  const { box } = list;
  const stem = unique("row");
  box.classList.add("stream-list");
  box.tabIndex = 0;
  for (const [name, value] of Object.entries({ role: "grid", "aria-multiselectable": "true", "aria-colcount": "1", "aria-label": words.t("stream.rows") })) {
    box.setAttribute(name, value);
  }

  /** @param {HTMLElement} node @param {number} index */
  function paint(node, index) {
    const k = base() + index;
    const row = view()?.blocks.row(k);
    paintRow(node, row, manner());
    const cell = cellOf(node);
    cell.id = `${stem}-${k}`;
    node.setAttribute("aria-rowindex", String(index + 1));
    cell.setAttribute("aria-selected", String(cursor.has(k)));
    cell.removeAttribute("aria-label");
    if (cursor.at === k) {
      node.classList.add("cursor");
      node.append(menu.button);
      if (row) say(cell, row);
    } else if (menu.button.parentNode === node) menu.button.remove();
    node.classList.toggle("chosen", cursor.has(k));
  }

  /** @param {HTMLElement} cell @param {Row} row */
  function say(cell, row) {
    const how = manner();
    cell.setAttribute("aria-label", sentence(row, bytesOf(row), { words, time: how.time(row), encoding: how.encoding(row) }));
  }

  // While the list flies nobody can listen: what is said is made when it rests.
  function hear() {
    for (let index = list.scale.first; index < list.scale.end; index += 1) {
      const node = list.node(index);
      const row = view()?.blocks.row(base() + index);
      if (node && row) say(cellOf(node), row);
    }
  }

  /** @param {number} k @param {{extend?: boolean, where?: "near" | "middle"}} [how] */
  function put(k, { extend = false, where = "near" } = {}) {
    cursor.put(k, extend);
    list.seek(k - base(), where);
    box.setAttribute("aria-activedescendant", `${stem}-${k}`);
    list.repaint();
    const now = view();
    if (!now) return;
    const row = now.blocks.row(k);
    if (row) chose(row);
    else void now.blocks.read(k).then((read) => cursor.at === k && chose(read), () => {});
  }

  /** @param {MouseEvent} event */
  function under(event) {
    const top = event.clientY - box.getBoundingClientRect().top + list.scale.top;
    const k = base() + Math.floor(top / height);
    return k < (view()?.end ?? 0) ? k : null;
  }

  box.addEventListener("mousedown", (event) => {
    if (event.button > 0 || menu.button.contains(/** @type {Node} */ (event.target))) return;
    // Beside the rows is the scroll bar.
    if (event.offsetX > box.clientWidth && event.target === box) return;
    const k = under(event);
    if (k !== null) put(k, { extend: event.shiftKey });
  });
  // The first step of a smooth scroll is too small to tell that it goes away from the end.
  box.addEventListener("wheel", (event) => event.deltaY < 0 && list.scale.top > 0 && leave(), { passive: true });
  box.addEventListener("dblclick", opened);
  box.addEventListener("contextmenu", (event) => {
    const k = under(event);
    if (k === null) return;
    event.preventDefault();
    if (!cursor.has(k)) put(k);
    list.node(k - base())?.append(menu.button);
    menu.open();
  });
  box.addEventListener("keydown", (event) => {
    if (event.target !== box || event.isComposing) return;
    const now = view();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!now) return;
    const first = now.base + Math.ceil(list.scale.top / height);
    const to = plain ? cursor.leads(event.key, { base: now.base, end: now.end, page: list.page, first }) : null;
    if (to !== null) put(to, { extend: event.shiftKey });
    else if (event.key === "Enter" && plain && cursor.at !== null) opened();
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) cursor.at !== null && menu.open();
    else if (event.key === "Escape" && cursor.at !== null) drop();
    else if (event.key.toLowerCase() === "c" && !event.altKey && !event.shiftKey && cursor.at !== null && !String(getSelection())) copy();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to !== null) scrolled();
  });

  function drop() {
    cursor.drop();
    box.removeAttribute("aria-activedescendant");
    list.repaint();
    chose(undefined);
  }

  return {
    box,
    list,
    cursor,
    put,
    drop,
    /** The row at the cursor, or the first on the screen. */
    here() {
      const now = view();
      return now?.blocks.row(cursor.at ?? now.base + list.scale.first);
    },
    /** The view has more rows, fewer, or other ones. */
    update() {
      const now = view();
      const total = now ? now.end - now.base : 0;
      box.setAttribute("aria-rowcount", String(now?.blocks.searched === now?.blocks.events ? total : -1));
      list.resize(total);
      if (now?.following && !now.paused) list.seek(total - 1, "end");
      list.repaint();
    },
    /** @param {Row} row the one before it, if it is here */
    before: (row) => view()?.blocks.row(row.k - 1) ?? null,
    destroy: () => list.destroy(),
  };
}
