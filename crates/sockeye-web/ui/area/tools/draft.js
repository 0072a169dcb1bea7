/**
 * A small form that opens another run from this one: checked by the server while it is filled
 * in, with the command line that it comes to. The fields are its caller's.
 */

import { el, replace, setError } from "../../core/dom.js";
import { command } from "./command.js";
import { failed } from "./panel.js";

/**
 * @typedef {import("../../core/types.js").App} App
 * @typedef {import("../../core/types.js").Draft} Draft
 * @typedef {import("../../core/types.js").Run} Run
 */

const REST = 300;

/**
 * @param {App} app
 * @param {{
 *   fields: Record<string, HTMLElement>,
 *   draft: () => Draft,
 *   start: string,
 *   started: (run: Run) => void,
 * }} what `fields` by their names in the draft; `start` is the words key of the button
 */
export function draftForm(app, { fields, draft, start, started }) {
  const { api, state, words } = app;
  const button = el("button", { type: "submit", class: "button primary" }, words.t(start));
  const line = el("div", { class: "draft-line" });
  const trouble = el("div", {});
  const why = el("p", { class: "tool-why", hidden: true });
  const set = el("fieldset", { class: "draft-fields" }, ...Object.values(fields));
  const node = el("form", { class: "draft", novalidate: true }, set, line, why, trouble, el("div", { class: "tool-buttons" }, button));
  let timer = 0;
  let asked = 0;

  /** @param {unknown} error */
  function refused(error) {
    const { field = null } = /** @type {{ field?: string | null }} */ (error ?? {});
    const at = field === null ? undefined : fields[field];
    if (at) setError(at, words.error(error).text);
    else replace(trouble, failed(app, error));
  }

  function clear() {
    for (const one of Object.values(fields)) setError(one, null);
    replace(trouble);
  }

  async function check() {
    asked += 1;
    const mine = asked;
    try {
      const { command: told } = await api.post("/api/draft", draft());
      if (mine !== asked) return;
      clear();
      replace(line, command(app, told));
    } catch (error) {
      if (mine !== asked) return;
      clear();
      replace(line);
      refused(error);
    }
  }

  function soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void check(), REST);
  }

  async function open() {
    window.clearTimeout(timer);
    asked += 1;
    button.disabled = true;
    clear();
    try {
      started(await api.post("/api/runs", draft()));
    } catch (error) {
      refused(error);
    } finally {
      button.disabled = !state.may("act");
    }
  }

  node.addEventListener("input", soon);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.disabled) void open();
  });
  node.addEventListener("keydown", (event) => {
    // An input method that ends a word with Enter does not start anything.
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  });
  if (!state.may("act")) {
    button.disabled = true;
    why.hidden = false;
    why.textContent = words.t("tools.may-not");
  }
  void check();
  return {
    node,
    soon,
    destroy() {
      window.clearTimeout(timer);
      asked += 1;
    },
  };
}

/**
 * What was typed; nothing where nothing was.
 * @param {HTMLInputElement | HTMLSelectElement} control
 */
export function typed(control) {
  return control.value.trim() || undefined;
}
