/**
 * The name and its sign.
 */

import { el } from "../../core/dom.js";

/** @returns {HTMLElement} */
export function brand() {
  return el("span", { class: "brand" }, el("img", { src: "/favicon.svg", alt: "", width: "20", height: "20" }), el("span", null, "Sockeye"));
}
