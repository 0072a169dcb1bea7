/**
 * The tab "detect": which framing, encoding and checksum a conversation seems to have, how much
 * of it each explains, and one click to look at it that way or to send that way.
 */

import { el, icon, replace, toast } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { conversationChoice } from "../conversation.js";
import { failed, follow } from "../panel.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 * @typedef {{ frame: string | null, what: string, share: number, why: string }} Candidate
 * @typedef {{ unsure: boolean, candidates: Candidate[], encoding: string | null, checksum: string | null, text: string }} Found
 */

/** @type {import("../../../core/types.js").Mount} */
export function mountDetect(root, app) {
  return follow(root, app, (body, run) => detect(body, app, run));
}

/**
 * Only what is whole is 100 %.
 * @param {number} share of 1
 */
export function percent(share) {
  return share >= 1 ? "100%" : `${Math.floor(share * 100)}%`;
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} first
 */
function detect(root, app, first) {
  const { words, state, api } = app;
  const { t } = words;
  const { id } = first;
  const choice = conversationChoice(app, () => void ask());
  const again = el("button", { type: "button", class: "button", on: { click: () => void ask() } }, icon("search"), t("tools.detect.again"));
  const said = el("p", { class: "dim small", role: "status" });
  const list = el("ol", { class: "detect-list" });
  const rest = el("dl", { class: "detect-rest" });
  const whole = el("pre", { class: "tool-text" });
  const report = el("details", { class: "tool-more" }, el("summary", {}, t("tools.text")), whole);
  let asked = 0;
  let events = -1;
  replace(root, el("div", { class: "tool-bar" }, choice.node, again), said, list, rest, report);

  async function ask() {
    const { c } = choice;
    const run = state.runs.get(id);
    if (!run) return;
    if (c === null) {
      said.textContent = t("tools.detect.silent");
      return;
    }
    asked += 1;
    const mine = asked;
    again.disabled = true;
    said.textContent = t("tools.detect.looking");
    events = run.events;
    try {
      /** @type {Found} */
      const found = await api.get(`/api/runs/${id}/detect`, { c });
      if (mine === asked) show(found);
    } catch (error) {
      if (mine === asked) replace(list, el("li", {}, failed(app, error)));
    } finally {
      if (mine === asked) again.disabled = false;
    }
  }

  /** @param {Found} found */
  function show(found) {
    said.textContent = t(found.candidates.length === 0 ? "tools.detect.nothing" : (found.unsure ? "tools.detect.unsure" : "tools.detect.found"));
    replace(list, found.candidates.map((one, at) => candidate(one, at)));
    replace(rest, row("encoding", found.encoding, encode), row("checksum", found.checksum, (value) => app.checksum(id, value)));
    whole.textContent = found.text;
    report.hidden = !found.text;
  }

  /** @param {Candidate} one @param {number} at */
  function candidate({ frame, what, share, why }, at) {
    const buttons = frame === null
      ? el("p", { class: "dim small" }, t("tools.detect.no-frame"))
      : el("div", { class: "tool-buttons" },
          el("button", { type: "button", class: at === 0 ? "button primary" : "button", on: { click: () => look(frame) } }, t("tools.detect.look")),
          el("button", { type: "button", class: "button", disabled: !state.may("act"), on: { click: () => send(frame) } }, t("tools.detect.send")));
    return el("li", { class: "detect-one" },
      el("div", { class: "detect-head" }, el("b", {}, shown(words.said(what))), frame ? el("code", {}, frame) : null, el("span", { class: "detect-share" }, percent(share))),
      el("div", { class: "detect-bar", "aria-hidden": "true", vars: { "--share": String(Math.min(1, Math.max(0, share))) } }),
      why ? el("p", { class: "detect-why" }, shown(words.said(why))) : null,
      buttons);
  }

  /** @param {string} frame */
  function look(frame) {
    app.lens(id, frame);
    toast(t("tools.detect.looked", { frame }));
  }

  /** @param {string} frame */
  function send(frame) {
    app.frame(id, frame);
    toast(t("tools.detect.sent", { frame }));
  }

  /** Read in one encoding, it is answered in it too. @param {string} encoding */
  function encode(encoding) {
    app.encoding(id, encoding);
    if (state.may("act")) app.encode(id, encoding);
  }

  /**
   * @param {"encoding" | "checksum"} name
   * @param {string | null} value
   * @param {(value: string) => void} apply
   */
  function row(name, value, apply) {
    if (!value) return null;
    const use = () => {
      apply(value);
      toast(t("tools.detect.used", { value }));
    };
    const off = name === "checksum" && !state.may("act");
    return [
      el("dt", {}, t(`tools.detect.${name}`)),
      el("dd", {}, el("code", {}, shown(value)), value === "binary" ? null : el("button", { type: "button", class: "button small", disabled: off, on: { click: use } }, t("tools.detect.use"))),
    ];
  }

  /** @param {Run} run */
  function changed(run) {
    choice.changed(run);
    if (events >= 0 && run.events > events && !again.disabled) {
      said.textContent = t("tools.since", { n: run.events - events, count: words.count(run.events - events) });
    }
  }

  changed(first);
  if (choice.c === null) said.textContent = t("tools.detect.silent");
  return { changed };
}
