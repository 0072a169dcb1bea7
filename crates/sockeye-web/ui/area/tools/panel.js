/**
 * What every tab of the tools stands on: it follows the run that is shown, and builds its
 * view anew only when that is another run. Not a tab itself.
 */

import { el, replace } from "../../core/dom.js";

/**
 * @typedef {import("../../core/types.js").App} App
 * @typedef {import("../../core/types.js").Run} Run
 * @typedef {{ changed?: (run: Run) => void, destroy?: () => void }} View
 */

/**
 * Shows `build(root, run)` for the run that is shown, and an empty state while there is none
 * that the tab is about.
 * @param {HTMLElement} root
 * @param {App} app
 * @param {(root: HTMLElement, run: Run) => View} build
 * @param {(run: Run | null) => boolean} [when]
 * @returns {import("../../core/types.js").Mounted}
 */
export function follow(root, app, build, when = (run) => run !== null) {
  const { state, words } = app;
  /** @type {{ id: number, view: View } | null} */
  let shown = null;
  let empty = false;

  function current() {
    return state.current === null ? null : (state.runs.get(state.current) ?? null);
  }

  function settle() {
    const run = current();
    if (run && when(run)) {
      if (shown?.id === run.id) {
        shown.view.changed?.(run);
        return;
      }
      shown?.view.destroy?.();
      empty = false;
      const body = el("div", { class: "tool" });
      replace(root, body);
      shown = { id: run.id, view: build(body, run) };
      return;
    }
    shown?.view.destroy?.();
    shown = null;
    if (empty) return;
    empty = true;
    replace(root, el("p", { class: "empty" }, words.t("tools.empty")));
  }

  const offs = [
    state.on("current", settle),
    state.on("runs", settle),
    state.on("run", (id) => {
      if (id === state.current) settle();
    }),
  ];
  settle();
  return {
    destroy() {
      for (const off of offs) off();
      shown?.view.destroy?.();
      shown = null;
      replace(root);
    },
  };
}

/**
 * Does a job again and again, each time so long after the last one ended, and only while
 * somebody can see `root`.
 * @param {number} ms
 * @param {HTMLElement} root
 * @param {() => unknown} job may be asynchronous; says its failures itself
 * @returns {() => void} ends it
 */
export function every(ms, root, job) {
  let over = false;
  let timer = 0;
  async function turn() {
    if (!document.hidden && root.isConnected && !root.closest("[hidden]")) await job();
    if (!over) timer = window.setTimeout(turn, ms);
  }
  void turn();
  return () => {
    over = true;
    window.clearTimeout(timer);
  };
}

/**
 * A failure as it is read: what, where, and what to do.
 * @param {App} app
 * @param {unknown} failure an ApiError, or the `error` of a run
 * @param {Node[]} [next] the next step where more is known of it than the catalogue says
 */
export function failed(app, failure, next) {
  const { title, text, hint } = app.words.error(failure);
  return el(
    "div",
    { class: "trouble", role: "alert" },
    el("strong", {}, title),
    text && text !== title ? el("p", {}, text) : null,
    next ?? (hint ? el("p", {}, hint) : null),
  );
}

/**
 * Writes a text where it is not there already: what is read aloud is read once.
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Copies a text, and says so.
 * @param {App} app
 * @param {string} text
 * @param {(text: string, kind?: "plain" | "good" | "error") => void} tell
 */
export async function copy(app, text, tell) {
  try {
    await navigator.clipboard.writeText(text);
    tell(app.words.t("tools.copied"));
  } catch {
    tell(app.words.t("tools.not-copied"), "error");
  }
}
