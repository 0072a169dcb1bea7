/**
 * The list of the classic programs: each with one line of what it shows.
 */

import { el, icon } from "../../core/dom.js";

/** @typedef {import("../../core/types.js").App} App */

/** The programs by what they teach. One that the server has and that is not here stands at the end. */
const GROUPS = [
  ["basics", ["open-close", "thanks", "until-close"]],
  ["turns", ["greeting-chat", "chat", "queue-chat", "threaded", "hmac-chat"]],
  ["datagrams", ["udp-once", "udp-chat", "upper", "broadcast"]],
  ["boundaries", ["sticky", "command-ascii", "command-struct", "download", "upload"]],
];

/**
 * @param {App} app
 * @param {{start: (program: string) => void, close: () => void}} deeds
 */
export function list(app, { start, close }) {
  const { t } = app.words;
  const known = new Map(app.state.about.classics.map((row) => [row.program, row]));
  const listed = new Set(GROUPS.flatMap(([, names]) => names));
  const rest = [...known.keys()].filter((name) => !listed.has(name));
  const groups = /** @type {[string, string[]][]} */ (rest.length > 0 ? [...GROUPS, ["other", rest]] : GROUPS);
  const may = app.state.may("act");
  return el(
    "div",
    { class: "lesson-list" },
    el(
      "header",
      null,
      el("h2", null, t("lessons.title")),
      el("span", { class: "spread" }),
      el("button", { type: "button", class: "button quiet only", "aria-label": t("lessons.close"), title: t("lessons.close"), on: { click: close } }, icon("close")),
    ),
    el("p", { class: "dim" }, t("lessons.intro")),
    !may && el("p", { class: "step-note" }, t("lessons.look-only")),
    groups.map(([group, names]) =>
      el(
        "section",
        null,
        el("h3", null, t(`lessons.group.${group}`)),
        el("ul", null, names.filter((name) => known.has(name)).map((name) => entry(name))),
      ),
    ),
  );

  /** @param {string} name */
  function entry(name) {
    const row = known.get(name);
    return el(
      "li",
      null,
      el(
        "button",
        { type: "button", class: "lesson-entry", disabled: !may, on: { click: () => start(name) } },
        el("span", { class: "entry-title" }, t(`lessons.${name}.title`)),
        el("span", { class: "entry-name mono dim" }, name),
        el("span", { class: "entry-transport dim" }, row ? row.transport.toUpperCase() : ""),
        el("span", { class: "entry-what dim" }, t(`lessons.${name}.what`)),
      ),
    );
  }
}
