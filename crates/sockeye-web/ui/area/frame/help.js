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
  return (keys === "+" ? ["+"] : keys.split("+")).map((part) => names[part.toLowerCase()] ?? (/^(.|f\d+)$/.test(part) ? part.toUpperCase() : part));
}

/**
 * The keys of one row, written as a person would: `Alt 1 … 9`, not nine of them.
 * @param {readonly string[]} all
 * @param {boolean} mac
 * @returns {{caps: string[], after: "" | "or" | "to"}[]} `after`: what stands behind it
 */
export function written(all, mac) {
  const digits = all.map((keys) => /^(.*\+)?(\d)$/.exec(keys));
  const first = digits[0];
  const row = first && all.length > 2 && digits.every((one, at) => one && one[1] === first[1] && Number(one[2]) === Number(first[2]) + at);
  if (row) return [{ caps: caps(all[0] ?? "", mac), after: "to" }, { caps: caps(all.at(-1) ?? "", mac).slice(-1), after: "" }];
  return all.map((keys, at) => ({ caps: caps(keys, mac), after: at < all.length - 1 ? "or" : "" }));
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
      el("dt", null, written(all, mac).map((one) => [one.caps.map((cap) => [el("kbd", null, cap), " "]), one.after && (one.after === "to" ? "… " : "· ")])),
      el("dd", null, t(what)),
    ]),
  );
  await dialog({
    title: t("shell.key.help"),
    body: el("div", { class: "stack" }, list, el("p", { class: "dim small" }, t("shell.help.lists"))),
    actions: [{ label: t("shell.close"), value: true, kind: "primary" }],
  });
}
