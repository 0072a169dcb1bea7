/**
 * The steps of a lesson: those that were taken, the one that comes next, those that will come.
 */

import { el, icon } from "../../core/dom.js";
import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./types.js").Lesson} Lesson */
/** @typedef {import("./types.js").Step} Step */

/**
 * @param {App} app
 * @param {Lesson} lesson
 * @param {{next: () => void, again: () => void, busy: boolean}} deeds
 */
export function steps(app, lesson, { next, again, busy }) {
  const { t } = app.words;
  const total = lesson.steps.length;
  const over = lesson.ended || lesson.at >= total;
  const button = over
    ? el("button", { type: "button", class: "button", data: { deed: "again" }, on: { click: again } }, icon("again"), t("lessons.again"))
    : el(
        "button",
        { type: "button", class: "button primary", data: { deed: "next" }, "aria-disabled": busy ? "true" : null, on: { click: () => busy || next() } },
        icon("play"),
        t(lesson.at === 0 ? "lessons.start" : "lessons.next"),
      );
  const progress = over ? t("lessons.over") : t("lessons.step-of", { k: lesson.at + 1, n: total });
  return el(
    "section",
    { class: "lesson-steps", "aria-label": t("lessons.steps") },
    el("div", { class: "steps-head" }, button, el("span", { class: "dim number", role: "status" }, progress)),
    el("ol", null, lesson.steps.map((step, place) => one(app, lesson, step, place))),
  );
}

/**
 * @param {App} app
 * @param {Lesson} lesson
 * @param {Step} step
 * @param {number} place
 */
function one(app, lesson, step, place) {
  const { t } = app.words;
  // The step just taken stays open: what it did is what the sides show.
  const open = place === lesson.at - 1 || place === lesson.at;
  const when = place < lesson.at ? "done" : place === lesson.at ? "next" : "later";
  const head = el(
    "span",
    { class: "step-head" },
    el("span", { class: "step-mark", "aria-hidden": "true" }, step.outcome === "done" ? icon("check") : String(place + 1)),
    el("span", { class: `step-side ${step.side}` }, t(`lessons.${step.side}`)),
    el("span", { class: "step-title cut" }, t(`${step.text}.title`)),
    step.outcome === "late" && el("span", { class: "step-note" }, t("lessons.late")),
    step.outcome === "skipped" && el("span", { class: "step-note" }, t("lessons.skipped")),
  );
  return el(
    "li",
    { class: when, "aria-current": when === "next" ? "step" : null, data: { side: step.side } },
    el("details", { open }, el("summary", null, head), body(app, step)),
  );
}

/**
 * @param {App} app
 * @param {Step} step
 */
function body(app, step) {
  const { t } = app.words;
  const calls = (/** @type {string} */ key, /** @type {string[]} */ list) =>
    list.length > 0 && el("div", { class: "calls" }, el("span", { class: "dim small" }, t(key)), el("ul", null, list.map((call) => el("li", null, el("code", null, shown(call))))));
  return el(
    "div",
    { class: "step-body" },
    calls(`lessons.calls.${step.side}`, step.calls),
    el("p", null, t(step.text)),
    step.types !== null && el("p", { class: "step-types" }, el("span", { class: "dim" }, t(step.free ? "lessons.types-free" : "lessons.types")), " ", el("code", null, shown(step.types))),
    calls(step.side === "server" ? "lessons.sees.client" : "lessons.sees.server", step.sees),
    step.wrong.map((key) => wrong(app, key)),
  );
}

/**
 * What courses tell, or classic programs do, and what is right.
 * @param {App} app
 * @param {string} key
 */
function wrong(app, key) {
  const { t } = app.words;
  return el(
    "div",
    { class: "step-wrong" },
    el("p", null, el("span", { class: "wrong-tag" }, t("lessons.wrong")), el("s", null, t(`lesson-wrong.${key}.said`))),
    el("p", null, el("span", { class: "right-tag" }, t("lessons.right")), el("span", null, t(`lesson-wrong.${key}.right`))),
  );
}
