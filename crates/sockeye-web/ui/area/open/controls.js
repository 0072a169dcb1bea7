/**
 * The controls of the form, made from what kinds.js and more.js say of them.
 */

import { el, field as labelled, unique } from "../../core/dom.js";
import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./kinds.js").Field} Field */
/** @typedef {import("./kinds.js").Values} Values */

/**
 * @param {App} app
 * @param {Field} field
 * @param {Values} values written to as the user types
 * @param {(drawAgain: boolean) => void} changed
 * @param {(files: File[]) => void} files
 * @returns {HTMLElement}
 */
export function control(app, field, values, changed, files) {
  const { words, state } = app;
  const label = words.t(`open.field.${field.name}`);
  const hintKey = `open.field.${field.name}.hint`;
  const hint = words.has(hintKey) ? words.t(hintKey) : null;
  const text = (/** @type {string} */ one) => (one.startsWith("open.") ? words.t(one) : shown(one));
  values[field.name] ??= field.start ?? "";
  // Other fields may come and go with these.
  const again = field.type === "choice" || field.type === "select" || field.type === "check";

  /** @param {string} value */
  const set = (value) => {
    values[field.name] = value;
    changed(again);
  };
  /** @param {Event} event */
  const typed = (event) => set(/** @type {HTMLInputElement} */ (event.target).value);

  if (field.type === "choice") {
    const name = unique("choice");
    return el(
      "fieldset",
      { class: "field wide", data: { field: field.name } },
      el("legend", { class: "heard" }, label),
      el(
        "div",
        { class: "choices" },
        (field.options?.(state.about, [...state.runs.values()]) ?? []).map(([value, one]) =>
          el("label", null, el("input", { type: "radio", name, value, checked: values[field.name] === value, on: { change: typed } }), text(one)),
        ),
      ),
      hint && el("p", { class: "field-hint" }, hint),
    );
  }

  /** @type {HTMLElement} */
  let input;
  /** @type {HTMLElement | null} */
  let list = null;
  if (field.type === "select") {
    const options = field.options?.(state.about, [...state.runs.values()]) ?? [];
    // What was remembered may be gone: the first stands for it.
    if (!options.some(([value]) => value === values[field.name])) values[field.name] = options[0]?.[0] ?? "";
    input = el("select", { value: values[field.name], on: { change: typed } }, options.map(([value, one]) => el("option", { value }, text(one))));
  } else if (field.type === "check") {
    input = el("input", { type: "checkbox", checked: values[field.name] === "true", on: { change: (/** @type {any} */ event) => set(event.target.checked ? "true" : "") } });
  } else if (field.type === "lines") {
    input = el("textarea", { class: "mono", rows: "2", spellcheck: "false", placeholder: field.example, value: values[field.name], on: { input: typed } });
  } else if (field.type === "file") {
    input = el("input", { type: "file", accept: ".tape,.jsonl,.json", on: { change: (/** @type {any} */ event) => files([...(event.target.files ?? [])]) } });
  } else {
    const suggested = field.suggest?.(state.about) ?? [];
    if (suggested.length > 0) list = el("datalist", { id: unique("list") }, suggested.map(([value, what]) => el("option", { value }, what && words.t(what))));
    input = el("input", {
      type: "text",
      inputmode: field.type === "number" ? "numeric" : null,
      class: "mono",
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      placeholder: field.example,
      list: list?.id,
      required: field.needed,
      value: values[field.name],
      on: { input: typed },
    });
  }
  const box = labelled({ label, control: input, hint });
  if (list) box.append(list);
  box.dataset.field = field.name;
  box.classList.toggle("short", field.short === true);
  box.classList.toggle("wide", field.type === "lines" || field.type === "check" || field.type === "file");
  return box;
}
