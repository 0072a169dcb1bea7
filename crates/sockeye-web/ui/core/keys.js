/**
 * The keys of the page: who wants which, and when. Keys inside a list or a menu are that list's own.
 */

/** @typedef {import("./types.js").Key} Key */

/** What the key is called in the row of `event`. */
const NAMES = new Map([[" ", "space"], ["Esc", "escape"]]);

/**
 * @param {KeyboardEvent} event
 * @param {boolean} mac there Command is what Ctrl is elsewhere
 * @returns {{mod: boolean, alt: boolean, shift: boolean, key: string}}
 */
export function pressed(event, mac) {
  // With Alt a layout may type another letter on a digit's key.
  const digit = event.altKey ? /^Digit(\d)$/.exec(event.code)?.[1] : undefined;
  return {
    mod: mac ? event.metaKey : event.ctrlKey,
    alt: event.altKey && !event.getModifierState?.("AltGraph"),
    shift: event.shiftKey,
    key: digit ?? NAMES.get(event.key) ?? event.key.toLowerCase(),
  };
}

/**
 * Whether `keys` is what was pressed. Of a sign such as `?` Shift is part of typing it.
 * @param {string} keys
 * @param {ReturnType<typeof pressed>} is
 */
export function matches(keys, is) {
  const parts = keys === "+" ? ["+"] : keys.toLowerCase().split("+");
  const key = parts.at(-1);
  const sign = key !== undefined && key.length === 1 && !/[\p{L}\p{N}]/u.test(key);
  return (
    key === is.key &&
    parts.includes("mod") === is.mod &&
    parts.includes("alt") === is.alt &&
    (sign || parts.slice(0, -1).includes("shift") === is.shift)
  );
}

/**
 * Whether what is typed belongs to this element.
 * @param {EventTarget | null} target
 */
function types(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "range", "submit", "file"].includes(target.type);
}

/**
 * @param {{target: EventTarget, mac: boolean}} where
 * @returns {import("./types.js").Keys}
 */
export function createKeys({ target, mac }) {
  /** @type {Set<Key>} */
  const known = new Set();
  target.addEventListener("keydown", (given) => {
    const event = /** @type {KeyboardEvent} */ (given);
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    const is = pressed(event, mac);
    if (!is.mod && !is.alt && types(event.target)) return;
    // Behind an open question the page stands still.
    if (document.querySelector("dialog[open]")) return;
    // Space on a button presses that button.
    if (is.key === "space" && event.target instanceof HTMLElement && event.target.closest("button, a, input, [role=treeitem]")) return;
    const found = [...known].findLast((key) => matches(key.keys, is) && (key.when?.() ?? true));
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
  return {
    add(key) {
      known.add(key);
      return () => known.delete(key);
    },
    list: () => [...known],
  };
}
