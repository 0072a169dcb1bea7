/**
 * A control with its label, what it does, and what is wrong with it. What is right is its caller's to know.
 */

import { el, unique } from "./element.js";

/**
 * @param {{label: string, control: HTMLElement, hint?: string | Node | null, error?: string | null}} what
 * @returns {HTMLElement}
 */
export function field({ label, control, hint = null, error = null }) {
  control.id ||= unique("field");
  const note = hint === null ? null : el("p", { class: "field-hint", id: `${control.id}-hint` }, hint);
  const wrong = el("p", { class: "field-error", id: `${control.id}-error`, "aria-live": "polite" });
  const check = control instanceof HTMLInputElement && control.type === "checkbox";
  const name = el("label", { class: "field-label", for: control.id }, label);
  const box = el("div", { class: check ? "field check" : "field" }, check ? [control, name] : [name, control], note, wrong);
  control.setAttribute("aria-describedby", `${note ? `${note.id} ` : ""}${wrong.id}`);
  setError(box, error);
  return box;
}

/**
 * Says what is wrong, at the field; null: nothing any more.
 * @param {HTMLElement} box what {@link field} gave
 * @param {string | null} error
 */
export function setError(box, error) {
  const wrong = box.querySelector(".field-error");
  const control = box.querySelector("input, select, textarea");
  if (wrong && wrong.textContent !== (error ?? "")) wrong.textContent = error ?? "";
  if (error) control?.setAttribute("aria-invalid", "true");
  else control?.removeAttribute("aria-invalid");
}
