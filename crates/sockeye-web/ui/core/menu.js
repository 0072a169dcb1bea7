/**
 * A button's menu: arrow keys, Home, End, first letters, Escape. Its entries are asked for each time it opens.
 */

import { el } from "./element.js";

/** @typedef {{label: string, run: () => void, disabled?: boolean, kind?: "danger", checked?: boolean, line?: boolean}} Entry `line`: a line above it */

/**
 * @param {HTMLElement} button
 * @param {() => Entry[]} entries
 * @returns {() => void} opens it, as a click does
 */
export function menu(button, entries) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  /** @type {HTMLElement | null} */
  let open = null;

  function show() {
    if (open) return open.hidePopover();
    const list = el("div", { class: "menu", role: "menu", popover: "auto" }, entries().map(item));
    open = list;
    list.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
      open = null;
      button.setAttribute("aria-expanded", "false");
      if (list.contains(document.activeElement) || document.activeElement === document.body) button.focus();
      list.remove();
    });
    list.addEventListener("keydown", (event) => walk(list, event));
    // Beside its button: inside a modal dialog only what is in the dialog can be reached.
    (button.closest("dialog") ?? document.body).append(list);
    list.showPopover();
    place(list, button);
    button.setAttribute("aria-expanded", "true");
    focusable(list)[0]?.focus();
  }

  /** @param {Entry} entry */
  function item(entry) {
    return el(
      "button",
      {
        type: "button",
        role: entry.checked === undefined ? "menuitem" : "menuitemradio",
        "aria-checked": entry.checked,
        "aria-disabled": entry.disabled ? true : null,
        class: `menu-item ${entry.kind ?? ""} ${entry.line ? "line" : ""}`,
        tabindex: "-1",
        on: {
          click: () => {
            if (entry.disabled) return;
            open?.hidePopover();
            entry.run();
          },
        },
      },
      entry.label,
    );
  }

  button.addEventListener("click", show);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    event.stopPropagation();
    show();
  });
  return show;
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement[]}
 */
function focusable(list) {
  return [...list.querySelectorAll("[role^=menuitem]")].filter((one) => one instanceof HTMLElement);
}

/**
 * @param {HTMLElement} list
 * @param {KeyboardEvent} event
 */
function walk(list, event) {
  const items = focusable(list);
  const at = items.findIndex((one) => one === document.activeElement);
  const last = items.length - 1;
  /** @type {Record<string, number>} */
  const goes = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
  event.stopPropagation();
  if (event.key === "Tab") list.hidePopover();
  else if (event.key in goes) {
    event.preventDefault();
    items[goes[event.key]]?.focus();
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const letter = event.key.toLowerCase();
    const next = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    next.find((one) => one.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
  }
}

/**
 * Under the button, or over it where there is no room; never outside the window.
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function place(list, button) {
  const at = button.getBoundingClientRect();
  const own = list.getBoundingClientRect();
  const below = at.bottom + 4 + own.height <= innerHeight || at.top < own.height;
  const left = Math.min(at.left, innerWidth - own.width - 8);
  list.style.setProperty("top", `${Math.max(8, below ? at.bottom + 4 : at.top - own.height - 4)}px`);
  list.style.setProperty("left", `${Math.max(8, left)}px`);
}
