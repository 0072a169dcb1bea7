/**
 * A slider with its exact value beside it: the slider stops at round values, the field takes
 * any. Both say the same text, which is what `--fault` wants.
 */

import { el } from "../../../core/dom.js";
import { nearest } from "./stops.js";

/**
 * @param {{
 *   label: string,
 *   dial: import("./knobs.js").Dial,
 *   bare?: { at: "first" | "last", label: string } | null,
 *   turned: (value: string | null, settled: boolean) => void,
 * }} what `bare`: how no value is called, and at which end it is; `turned` while it moves
 */
export function dialControl({ label, dial: { quantity, stops }, bare = null, turned }) {
  /** @type {(number | null)[]} */
  const places = bare?.at === "first" ? [null, ...stops] : bare ? [...stops, null] : [...stops];
  const slider = el("input", { type: "range", min: 0, max: places.length - 1, step: 1, "aria-label": label });
  const exact = el("input", { type: "text", class: "dial-exact", "aria-label": label, placeholder: bare?.label ?? "", autocomplete: "off", spellcheck: "false" });
  /** @type {string | null} */
  let value = null;

  const text = (/** @type {number | null} */ of) => (of === null ? null : quantity.write(of));

  slider.addEventListener("input", () => {
    show(text(places[Number(slider.value)] ?? null), true);
    turned(value, false);
  });
  exact.addEventListener("input", () => exact.removeAttribute("aria-invalid"));
  exact.addEventListener("change", () => {
    const typed = exact.value.trim();
    if (typed === "" && bare) {
      show(null, true);
      return turned(null, true);
    }
    const read = quantity.read(typed);
    if (read === null) {
      exact.setAttribute("aria-invalid", "true");
      return;
    }
    show(quantity.write(read), true);
    turned(value, true);
  });

  /** @param {string | null} next @param {boolean} [ours] typed or turned just now */
  function show(next, ours = false) {
    value = next;
    const read = next === null ? null : quantity.read(next);
    const at = read === null ? places.indexOf(null) : nearest(stops, read) + (bare?.at === "first" ? 1 : 0);
    if (Number(slider.value) !== at && at >= 0) slider.value = String(at);
    slider.setAttribute("aria-valuetext", next ?? bare?.label ?? "");
    // What somebody is typing is left alone.
    if (ours || document.activeElement !== exact) {
      exact.value = next ?? "";
      exact.removeAttribute("aria-invalid");
    }
  }

  return { node: el("div", { class: "dial" }, slider, exact), show };
}
