/**
 * Sequences: steps that send, wait and expect, written here, kept by name, and run by the server.
 */

import { el, icon, menu, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { createProgress } from "./progress.js";
import { LIMIT, moved, replaced, without } from "./quick.js";
import { editMessage } from "./quick-dialog.js";
import { sortable } from "./sortable.js";
import { FRESH, stepFields } from "./step-row.js";
import { MOST_STEPS, line as lineOf, steps } from "./steps.js";
import { duration, times } from "./times.js";

/** @typedef {import("./steps.js").Line} Line */

/**
 * @param {import("./desk.js").Desk} desk
 * @param {import("./quick-store.js").QuickStore} store
 * @param {import("./jobs.js").Jobs} jobs
 */
export function createSequenceView(desk, store, jobs) {
  const { t } = desk;
  /** @type {Line[]} */
  let lines = [structuredClone(FRESH.send), structuredClone(FRESH.expect)];
  const list = el("ol", { class: "composer-list composer-steps", "aria-label": t("composer.steps") });
  const order = sortable(list, {
    label: (at) => t("composer.move", { name: String(at + 1) }),
    move(from, to) {
      lines = moved(lines, from, to);
      draw();
    },
  });
  const name = el("input", {
    type: "text",
    class: "composer-named",
    maxlength: LIMIT.name,
    placeholder: t("composer.sequence.name"),
    "aria-label": t("composer.sequence.name"),
  });
  const saved = el("button", { type: "button", class: "button quiet small" }, t("composer.sequence.saved"), icon("chevron"));
  menu(saved, entries);
  const keep = el("button", { type: "button", class: "button small", on: { click: save } }, icon("save"), t("composer.keep"));
  const count = el("input", {
    type: "text",
    class: "composer-count",
    value: "1",
    inputmode: "numeric",
    title: t("composer.times.what"),
    "aria-label": t("composer.times"),
  });
  const every = el("input", {
    type: "text",
    class: "composer-time",
    placeholder: "0s",
    title: t("composer.every.what"),
    "aria-label": t("composer.every"),
  });
  const run = el(
    "button",
    { type: "button", class: "button primary small", on: { click: () => void start() } },
    icon("play"),
    t("composer.sequence.run"),
  );
  const wrong = el("p", { class: "composer-wrong", role: "alert" });
  const adds = /** @type {const} */ (["send", "wait", "expect"]).map((what) =>
    el(
      "button",
      { type: "button", class: "button quiet small", on: { click: () => append(what) } },
      icon("add"),
      t(`composer.step.${what}`),
    ),
  );
  const progress = createProgress(desk, jobs);
  const node = el(
    "div",
    { class: "composer-view composer-halves" },
    el(
      "div",
      { class: "composer-half" },
      el(
        "div",
        { class: "composer-bar" },
        saved,
        name,
        keep,
        el("span", { class: "spread" }),
        el("span", { class: "dim" }, t("composer.times")),
        count,
        el("span", { class: "dim" }, t("composer.every")),
        every,
        run,
      ),
      wrong,
      list,
      el("div", { class: "composer-bar" }, adds),
    ),
    el("div", { class: "composer-half composer-aside" }, el("h3", null, t("composer.running")), progress.node),
  );

  function entries() {
    const all = store.get().sequences;
    const now = all.findIndex((one) => one.name === name.value.trim());
    return [
      ...all.map((one) => ({ label: shown(one.name), run: () => take(one) })),
      { label: t("composer.sequence.new"), run: fresh, line: all.length > 0 },
      {
        label: t("composer.sequence.remove"),
        run: () => store.set({ ...store.get(), sequences: without(all, now) }),
        disabled: now < 0,
        kind: /** @type {const} */ ("danger"),
      },
    ];
  }

  /** @param {import("./quick.js").Sequence} one */
  function take(one) {
    name.value = one.name;
    count.value = one.times === null ? "" : String(one.times);
    every.value = one.every ?? "";
    lines = one.steps.map(lineOf);
    draw();
  }

  function fresh() {
    take({ name: "", steps: [], times: 1, every: null });
    append("send");
    name.focus();
  }

  /** @param {Line["do"]} what */
  function append(what) {
    if (lines.length >= MOST_STEPS) return desk.say(t("composer.full"), "error");
    lines = [...lines, structuredClone(FRESH[what])];
    draw();
    const field = list.lastElementChild?.querySelector("[data-field]");
    if (field instanceof HTMLElement) field.focus();
  }

  /** What is written as it can run; null: what is wrong has been shown. */
  function read() {
    const { steps: found, problems } = steps(lines);
    const number = times(count.value);
    const pause = every.value.trim() === "" ? null : duration(every.value);
    const late = every.value.trim() !== "" && !pause;
    for (const field of list.querySelectorAll("[data-field]")) field.setAttribute("aria-invalid", "false");
    for (const problem of problems) {
      list.children[problem.line]?.querySelector(`[data-field="${problem.field}"]`)?.setAttribute("aria-invalid", "true");
    }
    count.setAttribute("aria-invalid", String(!number));
    every.setAttribute("aria-invalid", String(late));
    const first = problems[0];
    const why = first
      ? `${first.line + 1}. ${t(first.why)}`
      : !number
        ? t("composer.times.bad")
        : late
          ? t("composer.time.bad")
          : "";
    wrong.textContent = why;
    return why || !number ? null : { steps: found, times: number.times, every: pause?.write ?? null };
  }

  async function start() {
    const what = read();
    if (what)
      await jobs.start("sequence", { steps: what.steps, times: what.times, ...(what.every !== null && { every: what.every }) });
  }

  function save() {
    const what = read();
    if (!what) return;
    const quick = store.get();
    name.value = name.value.trim() || t("composer.unnamed");
    const found = quick.sequences.findIndex((one) => one.name === name.value);
    const at = found < 0 ? quick.sequences.length : found;
    const next = { ...quick, sequences: replaced(quick.sequences, at, { name: name.value, ...what }) };
    if (at >= LIMIT.sequences || JSON.stringify(next).length > LIMIT.all) return desk.say(t("composer.full"), "error");
    store.set(next);
    desk.say(t("composer.kept", { name: name.value }), "good");
  }

  /** @param {number} at */
  async function options(at) {
    const line = lines[at];
    if (line?.do !== "send") return;
    const item = await editMessage(desk, {
      title: `${at + 1}. ${t("composer.step.send")}`,
      item: { ...line.writing, name: "" },
      named: false,
    });
    if (!item) return;
    const { name: _, ...writing } = item;
    lines = replaced(lines, at, { do: "send", writing });
    draw();
  }

  function draw() {
    wrong.textContent = "";
    replace(list, lines.map(row));
  }

  /** @param {Line} line @param {number} at */
  function row(line, at) {
    return el(
      "li",
      { class: "composer-row" },
      order.handle(at),
      el("span", { class: "composer-number number" }, String(at + 1)),
      el("span", { class: `composer-step ${line.do}` }, t(`composer.step.${line.do}`)),
      el(
        "span",
        { class: "composer-step-fields" },
        stepFields(t, line, at, { change: (next) => void (lines[at] = next), options: () => void options(at) }),
      ),
      el(
        "button",
        {
          type: "button",
          class: "button quiet small only",
          "aria-label": t("composer.step.remove", { at: at + 1 }),
          title: t("composer.remove"),
          on: { click: () => remove(at) },
        },
        icon("remove"),
      ),
    );
  }

  /** @param {number} at */
  function remove(at) {
    lines = without(lines, at);
    draw();
    const next = list.children[Math.min(at, lines.length - 1)]?.querySelector(".composer-handle") ?? adds[0];
    if (next instanceof HTMLElement) next.focus();
  }

  function permit() {
    run.disabled = desk.why() !== null;
  }

  const off = desk.draws(permit);
  draw();
  return {
    node,
    destroy() {
      progress.destroy();
      off();
    },
  };
}
