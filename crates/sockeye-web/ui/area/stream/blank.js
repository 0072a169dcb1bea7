/**
 * What stands where there is no row: that nothing came yet, that nothing matches, or why nothing can come.
 */

import { el, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { again } from "../conversations/deeds.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Run} Run */

/** @param {App} app */
export function createBlank(app) {
  const { t } = app.words;
  const node = el("div", { class: "stream-none", role: "status", hidden: true });
  let drawn = "";

  /** @param {Run} run */
  function trouble(run) {
    const { title, text, hint } = app.words.error(run.error);
    return [
      el("div", { class: "trouble" }, el("strong", null, title), text !== title && el("p", null, shown(text)), hint && el("p", { class: "dim" }, shown(hint))),
      app.state.may("act") &&
        el(
          "div",
          { class: "row" },
          el("button", { type: "button", class: "button", on: { click: () => void again(app, run) } }, t("conversations.again")),
          el("button", { type: "button", class: "button", on: { click: () => app.open(run.draft) } }, t("stream.none.change")),
        ),
    ];
  }

  /** @param {Run} run @param {"none" | "filter" | "cleared"} why */
  function text(run, why) {
    if (why !== "none") return t(`stream.none.${why}`);
    if (run.state === "starting") return t("stream.none.starting");
    return t(run.state === "ended" ? "stream.none.ended" : "stream.none");
  }

  return {
    node,
    /** @param {Run | undefined} run @param {"none" | "filter" | "cleared" | null} why null: there are rows */
    tell(run, why) {
      node.hidden = why === null || !run;
      if (why === null || !run) return;
      const key = JSON.stringify([run.id, why, run.state, run.error]);
      if (key === drawn) return;
      drawn = key;
      replace(node, why === "none" && run.error ? trouble(run) : el("p", null, text(run, why)));
    },
  };
}
