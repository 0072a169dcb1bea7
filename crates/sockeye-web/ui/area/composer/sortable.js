/**
 * Rows put in another order, by dragging a handle or by the arrow keys on it. It moves nothing itself: it says from
 * where to where.
 */

import { el } from "../../core/dom.js";

/**
 * @param {HTMLElement} list its children are the rows, in order
 * @param {{label: (at: number) => string, move: (from: number, to: number) => void}} what after `move` the list is drawn anew
 */
export function sortable(list, { label, move }) {
  /** @param {number} from @param {number} to */
  function go(from, to) {
    if (to < 0 || to >= list.children.length || to === from) return;
    move(from, to);
    const handle = list.children[to]?.querySelector(".composer-handle");
    if (handle instanceof HTMLElement) handle.focus();
  }

  /** @param {PointerEvent} event @param {number} from @param {HTMLElement} handle */
  function drag(event, from, handle) {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const row = list.children[from];
    row?.classList.add("dragged");
    let to = from;
    /** @param {PointerEvent} moved */
    const over = (moved) => {
      to = target(moved.clientY, from);
      for (const [at, one] of [...list.children].entries()) {
        one.classList.toggle("drop-above", at === to && to < from);
        one.classList.toggle("drop-below", at === to && to > from);
      }
    };
    /** @param {boolean} done */
    const end = (done) => {
      handle.removeEventListener("pointermove", over);
      handle.removeEventListener("pointerup", up);
      handle.removeEventListener("pointercancel", cancel);
      for (const one of list.children) one.classList.remove("dragged", "drop-above", "drop-below");
      if (done) go(from, to);
    };
    const up = () => end(true);
    const cancel = () => end(false);
    handle.addEventListener("pointermove", over);
    handle.addEventListener("pointerup", up);
    handle.addEventListener("pointercancel", cancel);
  }

  /** The place of the row under the pointer. @param {number} y @param {number} from */
  function target(y, from) {
    for (const [at, row] of [...list.children].entries()) {
      const box = row.getBoundingClientRect();
      const middle = box.top + box.height / 2;
      if (at < from && y < middle) return at;
      if (at >= from && y < middle) return at === from ? from : at - 1;
    }
    return list.children.length - 1;
  }

  return {
    /** @param {number} at */
    handle(at) {
      const button = el(
        "button",
        {
          type: "button",
          class: "composer-handle",
          "aria-label": label(at),
          "aria-keyshortcuts": "ArrowUp ArrowDown",
          on: {
            pointerdown: (/** @type {PointerEvent} */ event) => drag(event, at, button),
            keydown: (/** @type {KeyboardEvent} */ event) => {
              if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
              event.preventDefault();
              go(at, event.key === "ArrowUp" ? at - 1 : at + 1);
            },
          },
        },
        "⠿",
      );
      return button;
    },
  };
}
