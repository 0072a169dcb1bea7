/**
 * What a shake found, drawn: what is said cut into its writes, and both runs side by side.
 * Of what is not found there is only the text.
 */

import { el, icon } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { command } from "../command.js";
import { again, beside, cutRows } from "./beside.js";
import { pieces, readCase, together } from "./case.js";

/**
 * @typedef {{ case: string, told: string, why: string, changes: number, stderr: string }} Found
 * @typedef {{ messages: number, bytes: number, answers: number, seed: number, seconds: number, given_up: boolean,
 *   tried: { what: string, cases: number, cut_short: boolean }[],
 *   unsteady: { case: string, why: string, again: number }[], found: Found | null }} Report
 */

/** More pieces than this are a grey bar: byte by byte needs no picture. */
const DRAWN = 64;

/**
 * @param {import("../../../core/types.js").App} app
 * @param {Report} report
 * @param {string} text as the command line prints it
 * @returns {Node[]}
 */
export function foundView(app, report, text) {
  const { t } = app.words;
  const { found } = report;
  if (!found) return [];
  const { cuts, glues } = readCase(found.case);
  const rows = beside(text);
  const line = again(text);
  return [
    el("div", { class: "shake-found", role: "status" },
      el("strong", {}, icon("alert"), t("tools.shake.found")),
      el("p", {}, shown(found.told)),
      el("p", { class: "shake-why" }, shown(found.why))),
    ruler(app, report.bytes, cuts, together(glues)),
    rows.length > 0 ? sides(app, rows, cutRows(rows, cuts)) : el("pre", { class: "tool-text" }, shownLines(text)),
    found.stderr ? el("section", { class: "shake-said" }, el("h3", {}, t("tools.shake.stderr")), el("pre", { class: "tool-text" }, shownLines(found.stderr))) : null,
    line ? el("section", {}, el("h3", {}, t("tools.shake.again")), command(app, line)) : null,
  ].filter((node) => node !== null);
}

/**
 * All that is said as a bar, cut where the case cuts it.
 * @param {import("../../../core/types.js").App} app
 * @param {number} bytes
 * @param {number[]} cuts
 * @param {[number, number][]} spans
 */
function ruler({ words }, bytes, cuts, spans) {
  const { t } = words;
  const parts = pieces(cuts, bytes);
  const few = parts.length <= DRAWN;
  const glued = spans.map(([from, to]) => t("tools.shake.together", { from, to }));
  const where = cuts.length > 0 ? [t(few ? "tools.shake.cut-at" : "tools.shake.cuts", { at: cuts.slice(0, DRAWN).join(", "), n: cuts.length })] : [];
  return el("figure", { class: "shake-ruler" },
    el("figcaption", {}, [...where, ...glued].join(" · ") || t("tools.shake.as-is"), el("span", { class: "dim" }, ` · ${words.size(bytes)}`)),
    el("div", { class: few ? "shake-pieces" : "shake-pieces shake-many", "aria-hidden": "true" },
      (few ? parts : [/** @type {[number, number]} */ ([0, bytes])]).map(([from, to]) =>
        el("span", { vars: { "--bytes": String(Math.max(1, to - from)) } }, String(to - from)))));
}

/**
 * @param {import("../../../core/types.js").App} app
 * @param {import("./beside.js").Beside[]} rows
 * @param {Set<number>} marked
 */
function sides({ words: { t } }, rows, marked) {
  const cell = (/** @type {string} */ text, /** @type {boolean} */ differs, /** @type {boolean} */ cut) =>
    el("td", { class: `${side(text)}${differs ? " shake-differs" : ""}` }, shown(text), cut ? el("span", { class: "shake-cut" }, el("span", { "aria-hidden": "true" }, "✂"), el("span", { class: "heard" }, t("tools.shake.cut-here"))) : null);
  return el("div", { class: "tool-scroll", tabindex: "0", role: "region", "aria-label": t("tools.shake.beside") },
    el("table", { class: "shake-beside" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("tools.shake.unshaken")), el("th", { scope: "col" }, t("tools.shake.shaken")))),
      el("tbody", {}, rows.map((row, at) => el("tr", {}, cell(row.left, row.lost, false), cell(row.right, row.added, marked.has(at)))))));
}

/** @param {string} text */
function side(text) {
  return text.startsWith("→") ? "shake-out" : (text.startsWith("←") ? "shake-in" : "shake-else");
}

/** @param {string} text */
export function shownLines(text) {
  return text.split("\n").map(shown).join("\n");
}
