/**
 * One side of a lesson: where it stands, each recv and send, what it says, and its keyboard.
 */

import { el, icon, unique } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { textOf } from "./segments.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./types.js").Lesson} Lesson */
/** @typedef {import("./types.js").Move} Move */
/** @typedef {import("./types.js").SideName} SideName */

/**
 * @param {App} app
 * @param {Lesson} lesson
 * @param {SideName} name
 * @param {{say: (text: string) => Promise<boolean>, follow: (run: number) => void, draft: {value: string}}} deeds
 */
export function side(app, lesson, name, { say, follow, draft }) {
  const { t } = app.words;
  const mine = lesson[name];
  const title = unique("lesson-side");
  const last = lesson.at - 1;
  const run = mine.run;
  return el(
    "section",
    { class: `lesson-side ${name}`, "aria-labelledby": title, data: { state: mine.state } },
    el(
      "header",
      null,
      el("h3", { id: title }, t(`lessons.${name}`)),
      el("span", { class: "side-state" }, t(`lessons.state.${name === "client" && mine.state === "open" ? "talking" : mine.state}`)),
      el("span", { class: "spread" }),
      run !== null && el("button", { type: "button", class: "link small", on: { click: () => follow(run) } }, t("lessons.in-workbench")),
    ),
    mine.endpoint !== null && el("p", { class: "side-endpoint mono dim" }, shown(mine.endpoint)),
    el("h4", null, t("lessons.moves")),
    mine.moves.length > 0
      ? el("ol", { class: "moves" }, mine.moves.map((move) => row(app, move, last)))
      : el("p", { class: "dim small" }, t("lessons.moves.none")),
    el("h4", null, t("lessons.said")),
    mine.lines.length > 0
      ? el(
          "ol",
          { class: "said mono", tabindex: 0, "aria-label": t("lessons.said") },
          mine.lines.map((line) => el("li", { class: line.at >= last ? "now" : "" }, shown(line.text))),
        )
      : el("p", { class: "dim small" }, t("lessons.said.none")),
    keyboard(app, lesson, name, say, draft),
  );
}

/**
 * @param {App} app
 * @param {Move} move
 * @param {number} last
 */
function row(app, move, last) {
  const { t } = app.words;
  const now = move.at >= last ? "now" : "";
  const number = el("span", { class: "move-c dim number" }, `#${move.c}`);
  if (move.kind === "open" || move.kind === "close") {
    const text = move.kind === "open" ? t("lessons.opened", { peer: shown(move.text) }) : t("lessons.closed");
    return el("li", { class: `${move.kind} ${now}` }, number, el("span", { class: "move-text" }, text));
  }
  const what = t(move.kind === "in" ? "lessons.received" : "lessons.sent");
  return el(
    "li",
    { class: `${move.kind} ${now}` },
    number,
    el("span", { class: "move-way", title: what }, icon(move.kind), el("span", { class: "heard" }, what)),
    el("span", { class: "move-len number" }, app.words.size(move.len)),
    el("code", { class: "move-text cut" }, textOf(move)),
  );
}

/**
 * @param {App} app
 * @param {Lesson} lesson
 * @param {SideName} name
 * @param {(text: string) => Promise<boolean>} say
 * @param {{value: string}} draft
 */
function keyboard(app, lesson, name, say, draft) {
  const { t } = app.words;
  const mine = lesson[name];
  const step = lesson.steps[lesson.at];
  const turn = Boolean(step?.free && step.side === name);
  if (!mine.types && !turn) return el("p", { class: "side-mute dim small" }, t(mute(mine.state, name)));
  const list = unique("lesson-choices");
  const input = el("input", {
    type: "text",
    class: "mono",
    maxlength: 1000,
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": t(`lessons.type-at.${name}`),
    placeholder: turn && step?.types ? step.types : t("lessons.type"),
    value: draft.value,
    list: mine.choices.length > 0 ? list : null,
    on: { input: () => (draft.value = input.value) },
  });
  const send = async () => {
    const text = input.value;
    if (text === "") return;
    if (await say(text)) draft.value = "";
  };
  return el(
    "form",
    {
      class: "side-type",
      on: {
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          void send();
        },
        keydown: (/** @type {KeyboardEvent} */ event) => {
          // Enter that ends a composition chooses a word and sends nothing.
          if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
        },
      },
    },
    input,
    mine.choices.length > 0 && el("datalist", { id: list }, mine.choices.map((one) => el("option", { value: one }))),
    el("button", { type: "submit", class: "button" }, t("lessons.type-it")),
    mine.waiting > 0 && el("p", { class: "dim small" }, t("lessons.waiting", { n: mine.waiting })),
  );
}

/**
 * Why nothing can be typed.
 * @param {string} state
 * @param {SideName} name
 */
function mute(state, name) {
  if (state === "absent") return "lessons.mute.absent";
  if (state === "over") return "lessons.mute.over";
  return name === "server" ? "lessons.mute.server" : "lessons.mute.client";
}
