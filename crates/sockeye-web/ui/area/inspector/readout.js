/**
 * What the chosen bytes mean: numbers in both orders, times, text in each encoding, checksums. It chooses
 * nothing; it is told the bytes.
 */

import { el } from "../../core/dom.js";
import { decode, shown } from "../../core/text.js";
import { numbers, times } from "./values.js";

/** Texts are shown of so many bytes. */
const TEXT = 64;

/**
 * @param {import("../../core/types.js").App} app
 * @returns {{node: HTMLElement, tell: (bytes: Uint8Array, len: number) => void, checksums: (list: {name: string, be: string, le: string}[] | string) => void}}
 */
export function createReadout(app) {
  const { t, size, count } = app.words;
  const head = el("p", { class: "read-head number", role: "status" });
  const values = el("div", { class: "read-values" });
  const sums = el("div", { class: "read-sums" });
  const node = el("section", { class: "readout", "aria-label": t("inspector.values") }, head, values, sums);

  /** @param {string} title @param {string[]} heads @param {(string | null)[][]} rows */
  function table(title, heads, rows) {
    if (rows.length === 0) return null;
    return el(
      "table",
      { class: "mono" },
      el("caption", null, title),
      heads.length ? el("thead", null, el("tr", null, heads.map((one) => el("th", { scope: "col" }, one)))) : null,
      el("tbody", null, rows.map(([name, ...cells]) => el("tr", null, el("th", { scope: "row" }, name), cells.map((cell, at) => (cell === null ? null : el("td", { colspan: cells[at + 1] === null ? 2 : null }, cell)))))),
    );
  }

  return {
    node,
    tell(bytes, len) {
      head.textContent = len === 0 ? t("inspector.choose") : t("inspector.chosen", { n: len, count: count(len), size: size(len) });
      sums.replaceChildren();
      if (len === 0) return values.replaceChildren();
      const local = (/** @type {number} */ unixMs) => new Date(unixMs).toLocaleString(app.words.language, { timeZoneName: "short" });
      const tables = [
        table(t("inspector.numbers"), ["", t("inspector.le"), t("inspector.be")], numbers(bytes).map(({ name, le, be }) => [t(`inspector.value.${name}`), le, le === be ? null : be])),
        table(t("inspector.times"), [], times(bytes).flatMap(({ unit, bits, little, unixMs }) => [
          [`${unit} u${bits} ${little ? "LE" : "BE"}`, new Date(unixMs).toISOString().replace("T", " ")],
          [t("inspector.local"), local(unixMs)],
        ])),
        table(t("inspector.texts"), [], texts(bytes.subarray(0, TEXT))),
      ];
      values.replaceChildren(...tables.filter((one) => one !== null));
    },
    checksums(list) {
      if (typeof list === "string") return sums.replaceChildren(el("p", { class: "dim small" }, list));
      const one = table(t("inspector.sums"), ["", t("inspector.be"), t("inspector.le")], list.map(({ name, be, le }) => [name, be, le === be ? null : le]));
      sums.replaceChildren(...(one ? [one] : []));
    },
  };

  /** @param {Uint8Array} bytes */
  function texts(bytes) {
    const known = app.state.about.encodings.filter((name) => name !== "auto");
    return known.slice(0, 16).flatMap((name) => {
      const { text } = decode(bytes, name);
      // Of what an encoding cannot read it says nothing.
      return text && !text.includes("\ufffd") ? [[name, shown(text)]] : [];
    });
  }
}
