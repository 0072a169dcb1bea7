/**
 * "Every T, N times" with a button that starts and stops: one message again and again, or the quick list round
 * and round. What is sent is its caller's to say.
 */

import { el, icon, replace } from "../../core/dom.js";
import { duration, times } from "./times.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../../core/types.js").Step} Step */

/**
 * @param {Desk} desk
 * @param {import("./jobs.js").Jobs} jobs
 * @param {{by: string, label: string, start: string, what: (every: string) => {steps: Step[], every?: string} | null, began?: () => void}} how null: nothing to send
 */
export function createRepeat(desk, jobs, { by, label, start, what, began }) {
  const { t } = desk;
  const every = el("input", {
    type: "text",
    class: "composer-time",
    value: "1s",
    inputmode: "text",
    "aria-label": t("composer.every"),
    on: { change: tidy },
  });
  const count = el("input", {
    type: "text",
    class: "composer-count",
    placeholder: "∞",
    inputmode: "numeric",
    "aria-label": t("composer.times"),
    title: t("composer.times.what"),
    on: { input: check },
  });
  const button = el("button", { type: "button", class: "button small composer-start", on: { click: () => void toggle() } });
  const node = el(
    "div",
    { class: "composer-repeat", role: "group", "aria-label": label },
    el("span", { "aria-hidden": "true" }, t("composer.every")),
    every,
    el("span", { "aria-hidden": "true" }, "×"),
    count,
    button,
  );
  let drawn = "";

  function check() {
    const time = duration(every.value);
    const number = times(count.value);
    every.setAttribute("aria-invalid", String(!time || time.ns <= 0));
    count.setAttribute("aria-invalid", String(!number));
    return time && time.ns > 0 && number ? { every: time.write, times: number.times } : null;
  }

  function tidy() {
    const read = check();
    if (read) every.value = read.every;
  }

  async function toggle() {
    const running = jobs.running(by);
    if (running) return jobs.stop(running.sequence);
    const read = check();
    if (!read) return desk.say(t("composer.time.bad"), "error");
    const sent = what(read.every);
    if (!sent) return desk.say(t("composer.step.empty"), "error");
    if (await jobs.start(by, { ...sent, times: read.times })) began?.();
  }

  function draw() {
    const running = jobs.running(by);
    const off = desk.why() !== null && !running;
    const text = running ? t("composer.repeat.stop", { done: desk.app.words.count(running.done) }) : start;
    const now = `${text} ${off}`;
    if (now === drawn) return;
    drawn = now;
    replace(button, icon(running ? "end" : "again"), text);
    button.disabled = off;
    button.setAttribute("aria-label", `${label}: ${text}`);
    button.classList.toggle("on", running !== null);
    every.disabled = running !== null;
    count.disabled = running !== null;
  }

  return { node, destroy: desk.draws(draw) };
}
