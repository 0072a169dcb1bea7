/**
 * Every key that does something here, read from those who take it.
 */

import { dialog, el } from "../../core/dom.js";

/**
 * The parts of `mod+k` as they stand on the keyboard.
 * @param {string} keys
 * @param {boolean} mac
 * @returns {string[]}
 */
export function caps(keys, mac) {
  /** @type {Record<string, string>} */
  const names = {
    mod: mac ? "⌘" : "Ctrl", alt: mac ? "⌥" : "Alt", shift: "Shift", enter: "Enter", escape: "Esc", space: "Space",
    arrowup: "↑", arrowdown: "↓", arrowleft: "←", arrowright: "→", pageup: "PgUp", pagedown: "PgDn", home: "Home", end: "End", delete: "Del",
  };
  return (keys === "+" ? ["+"] : keys.split("+")).map((part) => names[part.toLowerCase()] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/**
 * @param {import("../../core/types.js").App} app
 */
export async function help(app) {
  const { t } = app.words;
  const mac = /^Mac|^iP/.test(navigator.platform);
  /** @type {Map<string, string[]>} keys that do the same stand in one row */
  const rows = new Map();
  for (const key of app.keys.list()) rows.set(key.what, [...(rows.get(key.what) ?? []), key.keys]);
  const list = el(
    "dl",
    { class: "key-list" },
    [...rows].map(([what, all]) => [
      el("dt", null, all.map((keys, at) => [at > 0 && " · ", caps(keys, mac).map((cap) => [el("kbd", null, cap), " "])])),
      el("dd", null, t(what)),
    ]),
  );
  await dialog({
    title: t("shell.key.help"),
    body: el("div", { class: "stack", tabindex: "0", autofocus: true }, list, el("p", { class: "dim small" }, t("shell.help.lists"))),
    actions: [{ label: t("shell.close"), value: true, kind: "primary" }],
  });
}
