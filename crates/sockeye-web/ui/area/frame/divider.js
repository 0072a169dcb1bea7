/**
 * The line between two parts of the page: dragged, or moved by the arrow keys; a double click gives the
 * usual width back.
 */

import { el } from "../../core/dom.js";

/**
 * @param {HTMLElement} part whose width it is
 * @param {import("../../core/types.js").App} app
 * @param {{name: string, label: string, side: "start" | "end", least: number, most: number}} what
 */
export function mountDivider(part, app, { name, label, side, least, most }) {
  const place = `sockeye.width${name}`;
  const line = el("div", { class: "divider", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": app.words.t(label), "aria-valuemin": least, "aria-valuemax": most });
  part.append(line);

  /** @param {number | null} width */
  function set(width) {
    const root = document.documentElement.style;
    const fits = width === null ? null : Math.round(Math.max(least, Math.min(width, most, innerWidth * 0.6)));
    if (fits === null) root.removeProperty(name);
    else root.setProperty(name, `${fits}px`);
    line.setAttribute("aria-valuenow", String(fits ?? Math.round(part.offsetWidth)));
    try {
      if (fits === null) localStorage.removeItem(place);
      else localStorage.setItem(place, String(fits));
    } catch {
      // It holds until the page is closed.
    }
  }

  const sign = side === "end" ? 1 : -1;
  line.addEventListener("pointerdown", (event) => {
    const from = part.offsetWidth - sign * event.clientX;
    line.setPointerCapture(event.pointerId);
    line.classList.add("dragged");
    const move = (/** @type {PointerEvent} */ moved) => set(from + sign * moved.clientX);
    const end = () => {
      line.classList.remove("dragged");
      line.removeEventListener("pointermove", move);
    };
    line.addEventListener("pointermove", move);
    line.addEventListener("lostpointercapture", end, { once: true });
    event.preventDefault();
  });
  line.addEventListener("dblclick", () => set(null));
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    set(part.offsetWidth + sign * step);
  });

  try {
    const kept = Number(localStorage.getItem(place));
    if (kept > 0) set(kept);
  } catch {
    // The usual width it is.
  }
  return { destroy: () => line.remove() };
}
