/**
 * The sequences of the run, as the server tells them: how far, how they ended and why.
 */

import { el, icon, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").SequenceProgress} Progress */

const MOST = 30;
const KINDS = { running: "accent", done: "", missed: "danger", stopped: "", failed: "danger" };

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./jobs.js").Jobs} jobs
 */
export function createProgress(desk, jobs) {
  const { t } = desk;
  const list = el("ul", { class: "composer-progress", "aria-label": t("composer.running") });
  let drawn = "";

  function draw() {
    const all = [...(desk.run()?.sequences ?? [])]
      .sort((a, b) => Number(b.state === "running") - Number(a.state === "running") || b.sequence - a.sequence)
      .slice(0, MOST);
    const now = JSON.stringify(all);
    if (now === drawn) return;
    drawn = now;
    const active = document.activeElement;
    const focused = active instanceof HTMLElement && list.contains(active) ? active.dataset.sequence : undefined;
    replace(list, all.length ? all.map(row) : el("li", { class: "dim" }, t("composer.running.none")));
    const again = focused && list.querySelector(`[data-sequence="${focused}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {string | null} text of the server */
  const happened = (text) => shown(desk.app.words.said(text ?? ""));

  /** @param {Progress} one */
  function row(one) {
    const told = one.what === "file" ? desk.app.words.size : desk.app.words.count;
    const count = one.times === null ? told(one.done) : `${told(one.done)} / ${told(one.times)}`;
    return el(
      "li",
      { class: "composer-job" },
      el("span", { class: "number dim" }, String(one.sequence)),
      el("span", { class: `tag ${KINDS[one.state]}` }, t(`composer.state.${one.state}`)),
      el("span", { class: "number" }, one.what === "file" ? `${t("composer.kind.file")} ${count}` : count),
      el(
        "span",
        { class: "cut", title: happened(one.why ?? one.at) },
        happened(one.state === "running" ? one.at : (one.why ?? one.at)),
      ),
      one.state === "running" &&
        el(
          "button",
          {
            type: "button",
            class: "button small quiet",
            data: { sequence: one.sequence },
            on: { click: () => void jobs.stop(one.sequence) },
          },
          icon("end"),
          t("composer.stop"),
        ),
    );
  }

  const off = desk.on("run", draw);
  draw();
  return { node: list, destroy: off };
}
