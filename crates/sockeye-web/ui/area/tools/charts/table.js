/**
 * The same numbers as a table: for who cannot see the pictures, or wants to read them off.
 * Drawn only while it is open, and only as often as one can read.
 */

import { el, replace } from "../../../core/dom.js";

/** @typedef {import("../../../core/types.js").Rate} Rate */

/** So many seconds a row. */
const STEP = 10;
const ROWS = 30;

/**
 * Rows of ten seconds, newest first: means of the rates, the worst of the round trips.
 * @param {readonly Readonly<Rate>[]} window oldest first
 */
export function summed(window) {
  const rows = [];
  for (let end = window.length; end > 0 && rows.length < ROWS; end -= STEP) {
    const part = window.slice(Math.max(0, end - STEP), end);
    const sum = (/** @type {(rate: Readonly<Rate>) => number} */ of) => part.reduce((all, rate) => all + of(rate), 0);
    const worst = Math.max(0, ...part.map((rate) => rate.tripMax ?? 0));
    rows.push({
      ago: window.length - end,
      in: sum((rate) => rate.in) / part.length,
      out: sum((rate) => rate.out) / part.length,
      events: sum((rate) => rate.inEvents + rate.outEvents),
      trips: sum((rate) => rate.trips),
      worst: worst > 0 ? worst : null,
    });
  }
  return rows;
}

/** @param {import("../../../core/types.js").Words} words */
export function ratesTable(words) {
  const { t } = words;
  const body = el("tbody", {});
  const heads = ["when", "in", "out", "events", "trips", "worst"];
  const details = el(
    "details",
    { class: "tool-more" },
    el("summary", {}, t("tools.charts.table")),
    el("div", { class: "tool-scroll", tabindex: "0", role: "region", "aria-label": t("tools.charts.table") },
      el("table", { class: "tool-table tool-numbers" },
        el("caption", {}, t("tools.charts.table.what")),
        el("thead", {}, el("tr", {}, ...heads.map((name) => el("th", { scope: "col" }, t(`tools.charts.column.${name}`))))),
        body)),
  );
  /** @type {readonly Readonly<Rate>[]} */
  let latest = [];
  let turn = 0;

  function draw() {
    const rows = summed(latest).map((row) => el("tr", {},
      el("th", { scope: "row" }, row.ago === 0 ? t("tools.charts.now") : `−${words.duration(row.ago * 1e9)}`),
      el("td", {}, words.rate(row.in)), el("td", {}, words.rate(row.out)),
      el("td", {}, words.count(row.events)), el("td", {}, words.count(row.trips)),
      el("td", {}, row.worst === null ? "–" : words.duration(row.worst))));
    replace(body, rows);
  }

  details.addEventListener("toggle", () => {
    if (details.open) draw();
  });
  return {
    node: details,
    /** @param {readonly Readonly<Rate>[]} window */
    show(window) {
      latest = window;
      turn = (turn + 1) % 5;
      if (details.open && turn === 0) draw();
    },
  };
}
