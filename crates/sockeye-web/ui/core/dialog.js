/**
 * Questions over the page (native `<dialog>`) and short notices. What a dialog asks is its caller's.
 */

import { el, unique } from "./element.js";

/**
 * @template T
 * @typedef {{
 *   label: string,
 *   value: T,
 *   kind?: "primary" | "danger" | "plain",
 *   before?: () => boolean | Promise<boolean>,
 * }} Action `before` may keep the dialog open, by false
 */

/**
 * @template T
 * @param {{title: string, body: Node, actions: Action<T>[], wide?: boolean}} what
 * @returns {Promise<T | null>} the value of the action taken; null: dismissed. The focus goes back where it was.
 */
export function dialog({ title, body, actions, wide = false }) {
  const back = document.activeElement;
  const heading = el("h2", { id: unique("dialog") }, title);
  const form = el("form", { class: "dialog-form", novalidate: true });
  const box = el("dialog", { class: wide ? "dialog wide" : "dialog", "aria-labelledby": heading.id }, form);
  return new Promise((resolve) => {
    /** @type {T | null} */
    let chosen = null;
    let busy = false;
    /** @param {Action<T>} action */
    async function take(action) {
      if (busy) return;
      busy = true;
      try {
        if (action.before && !(await action.before())) return;
      } finally {
        busy = false;
      }
      chosen = action.value;
      box.close();
    }
    const primary = actions.find((action) => action.kind === "primary");
    const buttons = actions.map((action) =>
      el(
        "button",
        {
          type: action === primary ? "submit" : "button",
          class: `button ${action.kind ?? "plain"}`,
          on: action === primary ? {} : { click: () => void take(action) },
        },
        action.label,
      ),
    );
    form.append(
      el("header", { class: "dialog-head" }, heading),
      el("div", { class: "dialog-body" }, body),
      el("footer", { class: "dialog-actions" }, buttons),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (primary) void take(primary);
    });
    // An input method that ends a word with Enter does not send the form.
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
    });
    box.addEventListener("close", () => {
      box.remove();
      if (back instanceof HTMLElement && back.isConnected) back.focus();
      resolve(chosen);
    });
    document.body.append(box);
    box.showModal();
    const first = box.querySelector("[autofocus], .dialog-body input, .dialog-body select, .dialog-body textarea");
    if (first instanceof HTMLElement) first.focus();
  });
}

/**
 * A notice that goes by itself, told to screen readers too.
 * @param {string} text
 * @param {"plain" | "good" | "error"} [kind]
 */
export function toast(text, kind = "plain") {
  const place = region();
  const note = el("p", { class: `toast ${kind}`, role: kind === "error" ? "alert" : null }, text);
  // A dialog is above everything but what is shown after it.
  if (typeof place.showPopover === "function") {
    if (place.matches(":popover-open")) place.hidePopover();
    place.showPopover();
  }
  place.append(note);
  while (place.childElementCount > 4) place.firstElementChild?.remove();
  setTimeout(() => note.remove(), kind === "error" ? 9000 : 4000);
}

/** @returns {HTMLElement} */
function region() {
  const found = document.getElementById("toasts");
  if (found) return found;
  const made = el("div", { id: "toasts", "aria-live": "polite", popover: "manual" });
  document.body.append(made);
  return made;
}
