/**
 * The live check: the command line that the form stands for, or why there is none.
 */

import { el, icon, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { copy } from "../frame/clipboard.js";

/** So long after the last key. */
const WAIT = 180;

/**
 * @param {import("../../core/types.js").App} app
 * @param {{draft: () => import("../../core/types.js").Draft | null, wrong: (field: string | null, text: string) => void}} form
 *   `draft` null: not complete yet
 */
export function createCheck(app, { draft, wrong }) {
  const { t } = app.words;
  const command = el("code", null);
  const button = el("button", { type: "button", class: "button small", on: { click: () => void copy(command.textContent ?? "", app) } }, icon("copy"), t("open.copy-command"));
  const trouble = el("div", { class: "trouble", role: "alert", hidden: true });
  const node = el("div", { class: "check" }, el("p", { class: "heard" }, t("open.command")), el("div", { class: "command" }, command, button), trouble);
  let asked = 0;
  let timer = 0;

  /** @param {unknown} error */
  function fail(error) {
    const told = app.words.error(error);
    const field = /** @type {{field?: string | null}} */ (error)?.field ?? null;
    replace(trouble, el("strong", null, told.title), el("span", null, shown(told.text)), told.hint && el("span", { class: "dim" }, shown(told.hint)));
    trouble.hidden = false;
    wrong(field, told.title);
  }

  /** @param {string} text */
  function say(text) {
    const line = shown(text);
    if (command.textContent !== line) command.textContent = line;
    button.disabled = text === "";
    node.classList.toggle("waiting", text === "");
  }

  async function now() {
    asked += 1;
    const mine = asked;
    const what = draft();
    if (!what) {
      trouble.hidden = true;
      wrong(null, "");
      say("");
      command.textContent = t("open.incomplete");
      return;
    }
    try {
      const answer = await app.api.post("/api/draft", what);
      if (mine !== asked) return;
      trouble.hidden = true;
      wrong(null, "");
      say(String(answer.command));
    } catch (error) {
      if (mine !== asked) return;
      button.disabled = true;
      node.classList.add("waiting");
      fail(error);
    }
  }

  return {
    node,
    fail,
    command: () => (button.disabled ? "" : (command.textContent ?? "")),
    soon() {
      clearTimeout(timer);
      timer = window.setTimeout(() => void now(), WAIT);
    },
    now,
    stop: () => clearTimeout(timer),
  };
}
