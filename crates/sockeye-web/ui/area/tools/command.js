/** A command line that can be copied: what was done here, said to a terminal. */

import { el, icon, toast } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { copy } from "./panel.js";

/**
 * @param {import("../../core/types.js").App} app
 * @param {string} line
 */
export function command(app, line) {
  const label = app.words.t("tools.copy-command");
  return el("div", { class: "tool-command" },
    el("code", {}, shown(line)),
    el("button", { type: "button", class: "button quiet small only", "aria-label": label, title: label, on: { click: () => void copy(app, line, toast) } }, icon("copy")));
}
