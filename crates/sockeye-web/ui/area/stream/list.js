/**
 * A list of rows of one height, of which only those on the screen and a margin are in the page. It knows
 * nothing of what a row is: it is told how one is made and how it is painted.
 */

import { el } from "../../core/dom.js";
import { Scale } from "./scale.js";

/** Rows kept ready beyond each edge: what a compositor shows before we have drawn. */
const MARGIN = 24;
/** How long nothing may have moved before the box is put where it is due. */
const REST = 140;

/**
 * @param {{
 *   row: number,
 *   make: () => HTMLElement,
 *   paint: (node: HTMLElement, index: number) => void,
 *   looked: (from: number, end: number) => void,
 *   scrolled?: () => void,
 *   rested?: () => void,
 * }} how `looked`: these rows are in the page now; `scrolled`: by the user
 */
export function createList({ row, make, paint, looked, scrolled = () => {}, rested = () => {} }) {
  const ground = el("div", { class: "list-ground", role: "presentation" });
  const box = el("div", { class: "list" }, ground);
  const scale = new Scale(row);
  /** @type {Map<number, HTMLElement>} */
  const drawn = new Map();
  /** @type {HTMLElement[]} */
  const spare = [];
  let offset = NaN;
  let height = NaN;
  let planned = 0;
  let resting = 0;
  let all = false;

  function draw() {
    const from = Math.max(0, scale.first - MARGIN);
    const end = Math.min(scale.total, scale.end + MARGIN);
    for (const [index, node] of drawn) {
      if (index >= from && index < end) continue;
      drawn.delete(index);
      spare.push(node);
    }
    const moved = scale.at(0) !== offset;
    offset = scale.at(0);
    for (let index = from; index < end; index += 1) {
      let node = drawn.get(index);
      const fresh = !node;
      if (!node) {
        node = spare.pop() ?? ground.appendChild(make());
        node.hidden = false;
        drawn.set(index, node);
      }
      if (fresh || moved) node.style.setProperty("transform", `translateY(${offset + index * row}px)`);
      if (fresh || all) paint(node, index);
    }
    for (const node of spare) node.hidden = true;
    all = false;
    looked(from, end);
  }

  function stretch() {
    if (scale.height === height) return;
    height = scale.height;
    ground.style.setProperty("height", `${height}px`);
  }

  /** @param {number} due */
  function put(due) {
    // A box that is not displayed cannot be scrolled: where it is due it is put when it is seen again.
    if (box.clientHeight === 0) return;
    if (box.scrollTop !== due) box.scrollTop = due;
    scale.settled(box.scrollTop);
  }

  function rest() {
    resting = 0;
    if (scale.scaled && Math.abs(scale.due - scale.box) > 1) put(scale.due);
    // Read one after another, rows come in their order.
    const order = [...drawn].sort((a, b) => a[0] - b[0]).map(([, node]) => node);
    if (order.some((node, at) => at > 0 && !(order[at - 1].compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING))) {
      ground.append(...order);
    }
    draw();
    rested();
  }

  function plan() {
    planned ||= requestAnimationFrame(() => {
      planned = 0;
      draw();
    });
  }

  box.addEventListener(
    "scroll",
    () => {
      // The browser moves a box that grows or goes: that was not the user.
      if (box.clientHeight !== scale.view) return fit();
      if (box.scrollTop === scale.box) return;
      scale.scrolled(box.scrollTop);
      if (scale.stuck) put(scale.due);
      // Before anybody is told: who is told may resize, and that leaves a moving box alone.
      clearTimeout(resting);
      resting = window.setTimeout(rest, REST);
      draw();
      scrolled();
    },
    { passive: true },
  );

  function fit() {
    if (box.clientHeight === 0) return;
    const atEnd = scale.top >= scale.farthest;
    scale.resize(scale.total, box.clientHeight);
    stretch();
    put(atEnd ? scale.seek(scale.farthest) : scale.due);
    plan();
  }

  const watching = new ResizeObserver(fit);
  watching.observe(box);

  return {
    box,
    scale,
    /** @param {number} index */
    node: (index) => drawn.get(index),
    /**
     * How many rows there are now.
     * @param {number} total
     */
    resize(total) {
      scale.resize(total, box.clientHeight || scale.view);
      stretch();
      if (!resting) put(scale.due);
      plan();
    },
    /** Paints every row anew, once, before the next picture. */
    repaint() {
      all = true;
      plan();
    },
    /**
     * Puts a row where it can be seen.
     * @param {number} index
     * @param {"near" | "start" | "end" | "middle"} [where] near: moves no more than needed
     */
    seek(index, where = "near") {
      const at = index * row;
      const bottom = at + row - scale.view;
      let top = scale.top;
      if (where === "start") top = at;
      else if (where === "end") top = bottom;
      else if (where === "middle") top = at - Math.floor((scale.view - row) / 2);
      else if (at < scale.top) top = at;
      else if (bottom > scale.top) top = bottom;
      if (top === scale.top) return;
      put(scale.seek(top));
      plan();
    },
    /** Whether the last row can be seen. */
    get ended() {
      return scale.top >= scale.farthest - row / 2;
    },
    /** Whole rows that can be seen. */
    get page() {
      return Math.max(1, Math.floor(scale.view / row));
    },
    destroy() {
      watching.disconnect();
      cancelAnimationFrame(planned);
      clearTimeout(resting);
    },
  };
}
