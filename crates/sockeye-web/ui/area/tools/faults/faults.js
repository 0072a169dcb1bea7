/**
 * The tab "faults" of a relay: sliders and the text of `--fault` that say the same, each
 * change sent to the relay as soon as it rests. The text is what counts; the sliders are a
 * view of it.
 */

import { el, field, icon, replace, setError } from "../../../core/dom.js";
import { every, failed, follow } from "../panel.js";
import { board } from "./board.js";
import { carrier } from "./knobs.js";
import { FaultText, parse, same, write } from "./language.js";
import { Latest } from "./latest.js";
import { Strikes } from "./strikes.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 */

/** So long after a change, in ms, the server's news may be older than it. */
const LATE = 1000;

/** @param {Run | null} run */
export const isRelay = (run) => run?.do === "relay";

/** @type {import("../../../core/types.js").Mount} */
export function mountFaults(root, app) {
  return follow(root, app, (body, run) => faults(body, app, run), isRelay);
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} first
 */
function faults(root, app, first) {
  const { words, state, api } = app;
  const { t } = words;
  const { id } = first;
  const strikes = new Strikes(api, id);
  /** What the relay does, as far as is known. */
  let known = first.faults ?? "";
  /** What it did before our last change, and when that went out: news of it may still be on the way. */
  let old = { faults: known, at: -Infinity };
  /** What "off" put away. */
  let before = "";

  const text = el("textarea", { rows: 2, class: "fault-text", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
  const box = field({ label: t("tools.faults.text"), control: text, hint: t("tools.faults.text.hint") });
  const sliders = board(words, carrier(first.proto), (list) => {
    say(write(list));
    sender.soon(text.value);
  });
  const off = el("button", { type: "button", class: "button", on: { click: turnOff } });
  const status = el("span", { class: "dim small", role: "status" });
  const trouble = el("div", {});
  const why = el("p", { class: "tool-why" });
  const controls = el("fieldset", { class: "fault-controls" }, el("legend", { class: "heard" }, t("tools.faults")), box, sliders.node);
  replace(root, el("div", { class: "tool-bar" }, off, status), why, trouble, controls);

  const sender = new Latest({
    send: async (/** @type {string} */ wanted) => {
      await api.post(`/api/runs/${id}/faults`, { faults: wanted });
      if (!same(known, wanted)) old = { faults: known, at: performance.now() };
      known = wanted;
      replace(trouble);
      setError(box, null);
      dress();
    },
    failed(error) {
      const { field: where } = /** @type {{ field?: string | null }} */ (error ?? {});
      if (where) setError(box, words.error(error).text);
      else replace(trouble, failed(app, error));
      dress();
    },
  });

  /** Puts a text into the field without asking what it is. @param {string} wanted */
  function say(wanted) {
    text.value = wanted;
    setError(box, null);
    dress();
  }

  /** @param {unknown} error */
  function wrong(error) {
    if (!(error instanceof FaultText)) throw error;
    setError(box, t(`tools.faults.wrong.${error.kind}`, { what: error.what, column: error.column }));
  }

  text.addEventListener("input", () => {
    dress();
    try {
      sliders.show(parse(text.value));
      setError(box, null);
      sender.soon(text.value);
    } catch (error) {
      sender.stop();
      wrong(error);
    }
  });

  function turnOff() {
    const on = text.value.trim() !== "" && !same(text.value, "");
    if (on) before = text.value;
    const wanted = on ? "" : before;
    say(wanted);
    try {
      sliders.show(parse(wanted));
    } catch (error) {
      return wrong(error);
    }
    void sender.now(wanted);
  }

  function dress() {
    const on = !same(text.value, "");
    replace(off, icon(on ? "stop" : "again"), t(on || before === "" ? "tools.faults.off" : "tools.faults.on"));
    off.classList.toggle("danger", on);
    off.disabled = controls.disabled || (!on && before === "");
    const waits = !same(text.value, known);
    const told = strikes.total > 0 ? t("tools.faults.struck", { n: strikes.total, times: words.count(strikes.total) }) : "";
    const doing = t(known === "" || same(known, "") ? "tools.faults.none" : "tools.faults.some");
    const now = [waits && !text.hasAttribute("aria-invalid") ? t("tools.faults.changing") : doing, told].filter(Boolean).join(" · ");
    if (status.textContent !== now) status.textContent = now;
  }

  /** @param {Run} run */
  function changed(run) {
    const may = state.may("act");
    controls.disabled = !may || run.state === "ended";
    why.textContent = !may ? t("tools.may-not") : (run.state === "ended" ? t("tools.ended") : "");
    why.hidden = why.textContent === "";
    const now = run.faults ?? "";
    // Somebody else changed them: another page, or the terminal.
    const stale = same(now, old.faults) && performance.now() - old.at < LATE;
    if (!sender.busy && !stale && !same(now, known) && document.activeElement !== text) {
      known = now;
      show(now);
    }
    dress();
  }

  /** @param {string} wanted */
  function show(wanted) {
    text.value = wanted === "none" ? "" : wanted;
    try {
      sliders.show(parse(wanted));
    } catch (error) {
      wrong(error);
    }
  }

  let looked = -1;
  const offs = every(1000, root, async () => {
    const run = state.runs.get(id);
    if (!run || run.events === looked) return;
    const events = run.events;
    try {
      // Those that are not counted yet are asked for the next time.
      const all = await strikes.look();
      if (all <= strikes.total) looked = events;
      sliders.struck((name) => strikes.of(name));
      dress();
    } catch {
      // The stream says it already when the server cannot be asked.
    }
  });
  show(known);
  changed(first);
  return {
    changed,
    destroy() {
      offs();
      sender.stop();
    },
  };
}
