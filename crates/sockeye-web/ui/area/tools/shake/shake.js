/**
 * The tab "shake": says a conversation's side again in every way in which TCP may cut it, and
 * shows the smallest cut that the other side does not bear. On a run it is a form; on a shake,
 * and below the form that started one, it is how that goes.
 */

import { el, field, replace } from "../../../core/dom.js";
import { conversationChoice } from "../conversation.js";
import { draftForm, typed } from "../draft.js";
import { follow } from "../panel.js";
import { watched } from "../watched.js";
import { shakeWatch } from "./watch.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 * @typedef {import("../../../core/types.js").Draft} Draft
 */

/** @param {Run | null} run */
export const canShake = (run) => run !== null && !["capture", "lesson"].includes(run.do);

/** @type {import("../../../core/types.js").Mount} */
export function mountShake(root, app) {
  return follow(root, app, (body, run) => (run.do === "shake" ? alone(body, app, run) : from(body, app, run)), canShake);
}

/**
 * Whom the tape was said to: that is whom one shakes.
 * @param {Run} run
 */
export function target(run) {
  if (run.do === "relay") return run.draft.b ?? "";
  if (run.do === "listen") return run.dialable[0] ?? run.endpoint ?? "";
  return run.draft.endpoint ?? run.endpoint ?? "";
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} run
 */
function alone(root, app, run) {
  const watch = shakeWatch(app, run.id);
  replace(root, watch.node);
  return { destroy: watch.destroy };
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} first
 */
function from(root, app, first) {
  const { state, words: { t } } = app;
  const { id } = first;
  const choice = conversationChoice(app, () => form?.soon());
  const text = (/** @type {string} */ value, /** @type {string} */ example = "") => el("input", { type: "text", class: "mono", value, placeholder: example, autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
  const endpoint = text(target(first), "tcp://127.0.0.1:8888");
  const frame = text(app.lensOf(id), "len:u16");
  const budget = text("20s");
  const pause = text("", "2ms");
  const seed = text("");
  const fields = {
    endpoint: field({ label: t("tools.shake.endpoint"), control: endpoint, hint: t("tools.shake.endpoint.hint") }),
    conversation: choice.node,
    frame: field({ label: t("tools.shake.frame"), control: frame, hint: t("tools.shake.frame.hint") }),
    budget: field({ label: t("tools.shake.budget"), control: budget }),
    pause: field({ label: t("tools.shake.pause"), control: pause }),
    seed: field({ label: t("tools.shake.seed"), control: seed }),
  };
  const place = el("div", {});
  /** @type {ReturnType<typeof draftForm> | null} */
  let form = null;

  /** @returns {Draft} */
  function draft() {
    return {
      do: "shake", tape: id, conversation: choice.c ?? undefined, endpoint: endpoint.value.trim(),
      frame: typed(frame), budget: typed(budget), pause: typed(pause), seed: typed(seed),
    };
  }

  choice.changed(first);
  form = draftForm(app, { fields, draft, start: "tools.shake.start", started: (run) => below.watch(run.id) });
  replace(root, el("p", { class: "tool-lead" }, t("tools.shake.what")), form.node, place);
  const below = watched(state, place, { mine: (run) => run.do === "shake" && run.draft.tape === id, view: (run) => shakeWatch(app, run) });
  return {
    changed: (/** @type {Run} */ run) => choice.changed(run),
    destroy() {
      below.destroy();
      form?.destroy();
    },
  };
}
