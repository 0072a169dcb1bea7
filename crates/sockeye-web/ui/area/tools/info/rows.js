/** A table of names, values and meanings whose values change in place. */

import { el, replace } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { alarming, meaning } from "./meaning.js";

/**
 * @param {import("../../../core/types.js").App} app
 * @param {string} title
 */
export function rowsTable(app, title) {
  const { t } = app.words;
  const body = el("tbody", {});
  const node = el("table", { class: "tool-table info-rows" }, el("caption", {}, title), body);
  /** @type {Map<string, { value: HTMLElement, row: HTMLElement }>} */
  const cells = new Map();
  let names = "";
  node.hidden = true;
  return {
    node,
    /** @param {readonly [name: string, value: string][]} rows */
    show(rows) {
      node.hidden = rows.length === 0;
      const now = rows.map(([name]) => name).join("\n");
      if (now !== names) {
        names = now;
        cells.clear();
        replace(body, rows.map(([name]) => {
          const value = el("td", { class: "info-value" });
          const key = meaning(name);
          const label = name === "local" || name === "peer" ? t(`tools.info.${name}`) : shown(name);
          const row = el("tr", {}, el("th", { scope: "row" }, label, key ? el("span", { class: "info-meaning" }, t(key)) : null), value);
          cells.set(name, { value, row });
          return row;
        }));
      }
      for (const [name, value] of rows) {
        const cell = cells.get(name);
        const text = shown(value);
        if (!cell || cell.value.textContent === text) continue;
        cell.value.textContent = text;
        cell.row.classList.toggle("info-loud", alarming(name, value));
      }
    },
  };
}
