/**
 * The boundaries: what was sent above, what each recv returned below, along the same bytes.
 */

import { el } from "../../core/dom.js";
import { columns, grid, ways } from "./segments.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./types.js").Lesson} Lesson */
/** @typedef {import("./segments.js").Way} Way */

/**
 * @param {App} app
 * @param {Lesson} lesson
 */
export function ruler(app, lesson) {
  const { t } = app.words;
  const found = ways(lesson);
  const many = found.some((way) => way.conversation > 1);
  return el(
    "section",
    { class: "lesson-ruler", "aria-label": t("lessons.boundaries") },
    el("h3", null, t("lessons.boundaries")),
    el("p", { class: "dim small" }, t(found.length > 0 ? "lessons.boundaries.hint" : "lessons.boundaries.none")),
    found.map((way) => lanes(app, way, many)),
  );
}

/**
 * @param {App} app
 * @param {Way} way
 * @param {boolean} many
 */
function lanes(app, way, many) {
  const { t } = app.words;
  const { cuts, widths } = grid(way);
  const name = way.to === "server" ? t("lessons.to-server") : t("lessons.to-client");
  // One grid for both lanes, so that a byte stands at one place in both; a piece keeps room for its borders.
  const template = widths.map((width) => `minmax(${width + 2}ch, max-content)`).join(" ");
  const lane = (/** @type {string} */ kind, /** @type {Way["sent"]} */ list) => [
    el("span", { class: "lane-name dim" }, t(`lessons.${kind}`)),
    el(
      "ol",
      { class: `lane ${kind}`, "aria-label": `${name}, ${t(`lessons.${kind}`)}` },
      list.map((one) => {
        const [from, to] = columns(one, cuts);
        return el(
          "li",
          { vars: { "--from": String(from + 1), "--to": String(to + 1) }, title: t("lessons.bytes", { n: one.len }) },
          el("span", { class: "cut" }, one.text),
          el("span", { class: "lane-len" }, String(one.len)),
        );
      }),
    ),
  ];
  return el(
    "div",
    { class: "way" },
    el("h4", null, name, many && el("span", { class: "dim" }, ` #${way.conversation}`)),
    el("div", { class: "lanes", vars: { "--cuts": template } }, lane("sent", way.sent), lane("received", way.received)),
  );
}
