/**
 * One shake as it goes: its phase, how many cases, what failed so far, and what it found.
 * Asked for when the server says that something is new, never more than a few times a second.
 */

import { el, icon, replace } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { command } from "../command.js";
import { failed, say } from "../panel.js";
import { foundView, shownLines } from "./found.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {string | { case?: string, told?: string, why?: string }} Fail
 * @typedef {{ state: "running" | "found" | "nothing" | "failed", phase: string | null, tried: number, seconds: number,
 *   fails: Fail[], report: import("./found.js").Report | null, text: string | null }} Shake
 */

const GAP = 250;
/** The newest so many fails are shown: the search goes on to smaller ones. */
const FAILS = 12;

/**
 * A fail as one line.
 * @param {Fail} fail
 */
export function failLine(fail) {
  if (typeof fail === "string") return fail;
  return [fail.told ?? fail.case, fail.why].filter(Boolean).join(": ");
}

/**
 * @param {App} app
 * @param {number} id of the shake's run
 */
export function shakeWatch(app, id) {
  const { words, state, api } = app;
  const { t } = words;
  const head = el("p", { class: "shake-state", role: "status" });
  const facts = el("p", { class: "dim small" });
  const line = el("div", {});
  const fails = el("ol", { class: "shake-fails", reversed: true });
  const result = el("div", { class: "tool" });
  const whole = el("pre", { class: "tool-text" });
  const report = el("details", { class: "tool-more", hidden: true }, el("summary", {}, t("tools.text")), whole);
  const stop = el("button", { type: "button", class: "button", on: { click: () => void end() } }, icon("end"), t("tools.stop"));
  const open = el("button", { type: "button", class: "button quiet", on: { click: () => state.show(id) } }, t("tools.open-run"));
  const node = el("section", { class: "tool" }, el("div", { class: "tool-head" }, el("div", {}, head, facts), stop, open), line, fails, result, report);
  let timer = 0;
  let over = false;
  let drawn = "";

  async function end() {
    stop.disabled = true;
    try {
      await api.post(`/api/runs/${id}/end`);
    } catch (error) {
      replace(result, failed(app, error));
    }
  }

  async function ask() {
    timer = -1;
    try {
      show(await api.get(`/api/runs/${id}/shake`));
    } catch (error) {
      if (!over) replace(result, failed(app, error));
    }
    timer = 0;
  }

  /** @param {Shake} shake */
  function show(shake) {
    if (over) return;
    const running = shake.state === "running";
    head.className = `shake-state shake-${shake.state}`;
    say(head, t(`tools.shake.state.${shake.state}`, { phase: phase(shake.phase) }));
    say(facts, t("tools.shake.facts", { n: shake.tried, tried: words.count(shake.tried), time: words.duration(shake.seconds * 1e9) }));
    stop.hidden = !running || !state.may("act");
    open.hidden = state.current === id;
    const newest = shake.fails.slice(-FAILS).reverse();
    fails.setAttribute("start", String(shake.fails.length));
    replace(fails, newest.map((fail) => el("li", {}, shown(failLine(fail)))));
    fails.hidden = newest.length === 0 || shake.report?.found != null;
    const now = shake.text ?? "";
    if (now === drawn) return;
    drawn = now;
    whole.textContent = shownLines(now);
    report.hidden = now === "";
    const run = state.runs.get(id);
    replace(result,
      shake.report ? foundView(app, shake.report, now) : null,
      run?.error ? failed(app, run.error) : null);
  }

  /** @param {string | null} name */
  function phase(name) {
    const key = `tools.shake.phase.${(name ?? "").replaceAll(" ", "-")}`;
    return name && words.has(key) ? t(key) : (name ?? "");
  }

  function soon() {
    if (timer === 0) timer = window.setTimeout(() => void ask(), GAP);
  }

  const offs = [
    state.on("shake", (run) => {
      if (run === id) soon();
    }),
    state.on("run", (run) => {
      if (run === id) soon();
    }),
  ];
  const run = state.runs.get(id);
  if (run) replace(line, command(app, run.command));
  void ask();
  return {
    node,
    destroy() {
      over = true;
      if (timer > 0) window.clearTimeout(timer);
      for (const off of offs) off();
    },
  };
}
