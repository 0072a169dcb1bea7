/**
 * One step of a sequence as a row of fields. It holds what is typed; whether that can run is `steps.js`.
 */

import { el, icon } from "../../core/dom.js";
import { segments } from "./choice.js";
import { BLANK, EOLS } from "./message.js";

/** @typedef {import("./steps.js").Line} Line */

/** What a new step of each kind is. @type {Readonly<Record<Line["do"], Line>>} */
export const FRESH = Object.freeze({
  send: { do: "send", writing: { ...BLANK } },
  wait: { do: "wait", time: "100ms" },
  expect: { do: "expect", text: "", within: "2s" },
});

/** @typedef {(key: string) => string} Text */

/**
 * @param {Text} t
 * @param {Line} line
 * @param {number} at
 * @param {{change: (line: Line) => void, options: () => void}} on `options`: the rest of a message, in a dialog
 * @returns {HTMLElement[]}
 */
export function stepFields(t, line, at, on) {
  const label = `${at + 1}. ${t(`composer.step.${line.do}`)}`;
  if (line.do === "wait") return waitFields(line, label, on.change);
  return line.do === "expect" ? expectFields(t, line, label, on.change) : sendFields(t, line, label, on);
}

/** @param {Extract<Line, {do: "wait"}>} line @param {string} label @param {(line: Line) => void} change */
function waitFields(line, label, change) {
  const input = typed((time) => change({ ...line, time }));
  return [
    el("input", {
      type: "text",
      class: "composer-time",
      value: line.time,
      data: { field: "time" },
      "aria-label": label,
      on: { input },
    }),
  ];
}

/** @param {Text} t @param {Extract<Line, {do: "expect"}>} line @param {string} label @param {(line: Line) => void} change */
function expectFields(t, line, label, change) {
  let now = line;
  /** @param {Partial<typeof line>} part */
  const put = (part) => change((now = { ...now, ...part }));
  const text = el("input", {
    type: "text",
    class: "mono",
    value: line.text,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: t("composer.step.expect.example"),
    data: { field: "text" },
    "aria-label": label,
    on: { input: typed((text) => put({ text })) },
  });
  const within = el("input", {
    type: "text",
    class: "composer-time",
    value: line.within,
    data: { field: "within" },
    "aria-label": `${label}, ${t("composer.step.within")}`,
    on: { input: typed((within) => put({ within })) },
  });
  return [text, el("span", { class: "dim" }, t("composer.step.within")), within];
}

/** @param {Text} t @param {Extract<Line, {do: "send"}>} line @param {string} label @param {Parameters<typeof stepFields>[3]} on */
function sendFields(t, line, label, on) {
  let now = line.writing;
  /** @param {Partial<typeof now>} part */
  const put = (part) => on.change({ ...line, writing: (now = { ...now, ...part }) });
  const eol = el(
    "select",
    {
      class: "composer-select",
      value: now.eol,
      hidden: now.kind === "hex",
      "aria-label": `${label}, ${t("composer.eol")}`,
      on: { change: typed((value) => put({ eol: EOLS.find((one) => one === value) ?? "none" })) },
    },
    EOLS.map((value) => el("option", { value }, t(`composer.eol.${value}`))),
  );
  const kind = segments({
    label: `${label}, ${t("composer.kind")}`,
    options: /** @type {const} */ (["text", "hex"]).map((value) => ({ value, label: t(`composer.kind.${value}`) })),
    value: now.kind,
    change: (value) => {
      eol.hidden = value === "hex";
      put({ kind: value });
    },
  });
  const data = el("input", {
    type: "text",
    class: "mono",
    value: now.data,
    spellcheck: "false",
    autocomplete: "off",
    data: { field: "data" },
    "aria-label": label,
    on: { input: typed((data) => put({ data })) },
  });
  const more = el(
    "button",
    {
      type: "button",
      class: "button quiet small only",
      "aria-label": `${label}, ${t("composer.options")}`,
      title: t("composer.options"),
      on: { click: on.options },
    },
    icon("settings"),
  );
  return [kind.node, data, eol, more];
}

/** @param {(value: string) => void} then @returns {(event: Event) => void} */
function typed(then) {
  return (event) => {
    const { target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) then(target.value);
  };
}
