/**
 * The lines of a serial port that are ours: DTR, RTS, and a break. What they stand at when the port is opened the
 * driver does not tell; so nothing is shown as set before it was set here.
 */

import { el } from "../../core/dom.js";
import { duration } from "./times.js";

/** @param {import("./desk.js").Desk} desk */
export function createSerialLines(desk) {
  const { t, app } = desk;
  /** @type {Map<string, string>} by run and line */
  const set = new Map();
  const buttons = /** @type {const} */ (["dtr", "rts"]).map((line) => ({
    line,
    pair: /** @type {const} */ (["on", "off"]).map((level) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": "false",
          "aria-label": `${line.toUpperCase()} ${t(`composer.line.${level}`)}`,
          data: { level },
          on: { click: () => void put(line, level) },
        },
        t(`composer.line.${level}`),
      ),
    ),
  }));
  const length = el("input", { type: "text", class: "composer-time", value: "250ms", "aria-label": t("composer.break.length") });
  const brk = el("button", { type: "button", class: "button small", on: { click: () => void sendBreak() } }, t("composer.break"));
  const node = el(
    "div",
    { class: "composer-lines", role: "group", "aria-label": t("composer.lines") },
    buttons.map(({ line, pair }) =>
      el("span", { class: "composer-line" }, line.toUpperCase(), el("span", { class: "choices small" }, pair)),
    ),
    el("span", { class: "composer-line" }, length, brk),
  );

  /** @param {"dtr" | "rts"} line @param {"on" | "off"} level */
  async function put(line, level) {
    const mine = `${desk.run()?.id} ${line}`;
    const done = await desk.attempt(app.api.post(desk.path("control"), { to: desk.to(), [line]: level }).then(() => true));
    if (!done) return;
    set.set(mine, level);
    desk.say(t("composer.line.done", { line: line.toUpperCase(), level: t(`composer.line.${level}`) }), "good");
    draw();
  }

  async function sendBreak() {
    const time = duration(length.value);
    length.setAttribute("aria-invalid", String(!time));
    if (!time) return desk.say(t("composer.time.bad"), "error");
    length.value = time.write;
    const done = await desk.attempt(app.api.post(desk.path("control"), { to: desk.to(), break: time.write }).then(() => true));
    if (done) desk.say(t("composer.break.done", { time: time.write }), "good");
  }

  function draw() {
    const run = desk.run();
    node.hidden = run?.proto !== "serial";
    const off = desk.why() !== null;
    brk.disabled = off;
    for (const { line, pair } of buttons) {
      for (const button of pair) {
        button.disabled = off;
        button.setAttribute("aria-pressed", String(set.get(`${run?.id} ${line}`) === button.dataset.level));
      }
    }
  }

  return { node, destroy: desk.draws(draw) };
}
