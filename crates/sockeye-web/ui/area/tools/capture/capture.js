/**
 * The tab "capture": the packets of a run's endpoint as they pass, and where its writes, the
 * segments on the wire and the reads lie over the same bytes. On a run it is a form; on a
 * capture, and below the form that started one, it is what came.
 */

import { el, field, icon, replace } from "../../../core/dom.js";
import { command } from "../command.js";
import { draftForm } from "../draft.js";
import { every, failed, follow, say } from "../panel.js";
import { shownLines } from "../shake/found.js";
import { watched } from "../watched.js";
import { groups } from "./groups.js";
import { rulersView } from "./rulers.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 */

const NETWORK = /^(tcp|tls|ws|wss|udp)/;

/** @param {Run | null} run */
export const canCapture = (run) => run !== null && (run.do === "capture" || (["connect", "listen", "relay", "replay"].includes(run.do) && NETWORK.test(run.proto)));

/** @type {import("../../../core/types.js").Mount} */
export function mountCapture(root, app) {
  return follow(root, app, (body, run) => (run.do === "capture" ? alone(body, app, run) : from(body, app, run)), canCapture);
}

/**
 * Where a run's packets are to be seen: where it listens, whom it calls.
 * @param {Run} run
 */
export function places(run) {
  const own = run.dialable.length > 0 ? run.dialable : [run.endpoint ?? ""];
  const all = run.do === "relay" ? [...own, run.draft.b ?? ""] : own;
  return [...new Set(all.filter(Boolean))];
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} run
 */
function alone(root, app, run) {
  const watch = captureWatch(app, run.id);
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
  const endpoints = el("textarea", { rows: 2, class: "mono", spellcheck: "false", autocomplete: "off", autocapitalize: "off", value: places(first).join("\n") });
  const fields = { endpoints: field({ label: t("tools.capture.endpoints"), control: endpoints, hint: t("tools.capture.endpoints.hint") }) };
  const place = el("div", {});
  const form = draftForm(app, {
    fields,
    draft: () => ({ do: "capture", of: id, endpoints: endpoints.value.split(/\s+/).filter(Boolean) }),
    start: "tools.capture.start",
    started: (run) => below.watch(run.id),
  });
  replace(root, el("p", { class: "tool-lead" }, t("tools.capture.what")), form.node, place);
  const below = watched(state, place, { mine: (run) => run.do === "capture" && run.draft.of === id, view: (run) => captureWatch(app, run) });
  return {
    destroy() {
      below.destroy();
      form.destroy();
    },
  };
}

/**
 * A capture as it goes.
 * @param {App} app
 * @param {number} id of the capture's run
 */
function captureWatch(app, id) {
  const { words, state, api } = app;
  const { t } = words;
  const head = el("p", { class: "shake-state" });
  const trouble = el("div", {});
  const line = el("div", {});
  const rulers = rulersView(words);
  const none = el("p", { class: "dim", hidden: true }, t("tools.capture.none"));
  const whole = el("pre", { class: "tool-text" });
  const report = el("details", { class: "tool-more", hidden: true }, el("summary", {}, t("tools.text")), whole);
  const stop = el("button", { type: "button", class: "button", on: { click: () => void end() } }, icon("end"), t("tools.stop"));
  const open = el("button", { type: "button", class: "button quiet", on: { click: () => state.show(id) } }, t("tools.open-run"));
  const node = el("section", { class: "tool" }, el("div", { class: "tool-head" }, head, stop, open), line, trouble, rulers.node, none, report);
  let asked = "";
  /** The error stands there already. */
  let told = false;

  async function end() {
    try {
      await api.post(`/api/runs/${id}/end`);
    } catch (error) {
      replace(trouble, failed(app, error));
    }
  }

  function dress() {
    const run = state.runs.get(id);
    if (!run) return;
    const going = t(run.state === "ended" ? "tools.capture.ended" : "tools.capture.running", { n: run.events, count: words.count(run.events) });
    say(head, run.error ? t("tools.capture.failed") : going);
    stop.hidden = run.state === "ended" || !state.may("act");
    open.hidden = state.current === id;
    if (run.error && !told) replace(trouble, failed(app, run.error, right(run.error)));
    told = run.error !== null;
  }

  /** What gives the right that is missing, to be copied. @param {import("../../../core/types.js").Failure} error */
  function right({ hint }) {
    const line = /sudo setcap .+/.exec(hint ?? "")?.[0];
    return line ? [el("p", {}, t("tools.capture.right")), command(app, line)] : undefined;
  }

  async function look() {
    const run = state.runs.get(id);
    dress();
    const now = run ? `${run.state} ${run.events}` : "";
    if (!run || run.error || now === asked) return;
    try {
      const { text, rows } = await api.get(`/api/runs/${id}/rulers`);
      asked = now;
      const found = groups(rows ?? []);
      rulers.show(found);
      none.hidden = found.length > 0;
      whole.textContent = shownLines(text ?? "");
      report.hidden = !text;
      replace(trouble);
    } catch (error) {
      replace(trouble, failed(app, error));
    }
  }

  const run = state.runs.get(id);
  if (run) replace(line, command(app, run.command));
  const offs = [
    every(1000, node, look),
    state.on("run", (which) => {
      if (which === id) dress();
    }),
  ];
  // The clock's first turn is before anybody sees the node.
  void look();
  return {
    node,
    destroy() {
      for (const off of offs) off();
      rulers.destroy();
    },
  };
}
