/**
 * The upper edge of the composer: dragged, or moved by the arrow keys, it makes the composer higher or lower. The
 * height is this browser's own.
 */

import { el } from "../../core/dom.js";

const KEY = "sockeye.composer";
const LEAST = 236;
const USUAL = 244;
const STEP = 24;

/**
 * @param {HTMLElement} root whose custom property `--composer-height` is set
 * @param {string} label
 */
export function createEdge(root, label) {
  let height = USUAL;
  try {
    height = Number(localStorage.getItem(KEY)) || USUAL;
  } catch {
    // No storage in this browser: the usual height.
  }
  const node = el("div", {
    class: "composer-edge",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "horizontal",
    "aria-label": label,
    "aria-valuemin": LEAST,
    on: { pointerdown: drag, keydown: pressed, dblclick: () => set(USUAL) },
  });

  /** @param {number} wanted */
  function set(wanted) {
    height = Math.round(Math.max(LEAST, Math.min(wanted, most())));
    root.style.setProperty("--composer-height", `${height}px`);
    node.setAttribute("aria-valuenow", String(height));
    node.setAttribute("aria-valuemax", String(most()));
    try {
      localStorage.setItem(KEY, String(height));
    } catch {
      // It holds until the reload.
    }
  }

  function most() {
    return Math.max(LEAST, Math.round(innerHeight * 0.58));
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    node.focus();
    node.setPointerCapture(event.pointerId);
    const from = event.clientY + height;
    /** @param {PointerEvent} moved */
    const move = (moved) => set(from - moved.clientY);
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", () => node.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const to = { ArrowUp: height + STEP, ArrowDown: height - STEP, Home: most(), End: LEAST }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  }

  set(height);
  return node;
}
