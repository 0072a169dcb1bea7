/**
 * The same numbers as a table: for who cannot see the pictures, or wants to read them off.
 * Drawn only while it is open, and only as often as one can read.
 */

import { el, replace } from "../../../core/dom.js";
import { summed } from "./series.js";

/** @typedef {import("../../../core/types.js").Rate} Rate */

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
