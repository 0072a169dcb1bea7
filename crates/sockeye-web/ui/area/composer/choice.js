/**
 * A small labelled choice, with a field of one's own where the known values are not all there are: framings and
 * checksums have parameters. Whether what is written is right is the server's to say.
 */

import { el, unique } from "../../core/dom.js";

const OTHER = "\u0000other";

/**
 * @typedef {object} Option
 * @property {string | null} value null: as the run has it
 * @property {string} label
 */

/**
 * @typedef {object} Choice
 * @property {HTMLElement} node
 * @property {() => string | null} get
 * @property {(value: string | null) => void} set
 * @property {(wrong: boolean) => void} mark
 * @property {(off: boolean) => void} disable
 * @property {(label: string) => void} name what the run's own value is called
 */

/**
 * @param {{label: string, options: Option[], other?: {label: string, example: string}, change: (value: string | null) => void}} what
 * @returns {Choice}
 */
export function choice({ label, options, other, change }) {
  const write = (/** @type {string | null} */ value) => (value === null ? "" : `=${value}`);
  const entries = options.map((option) => el("option", { value: write(option.value) }, option.label));
  const select = el("select", { class: "composer-select", id: unique("choice"), on: { change: chosen } }, entries);
  const own = el("input", {
    type: "text",
    class: "composer-own",
    hidden: true,
    spellcheck: "false",
    autocomplete: "off",
    "aria-label": other ? `${label}: ${other.label}` : null,
    placeholder: other?.example,
    on: { input: () => change(get()) },
  });
  if (other) select.append(el("option", { value: OTHER }, other.label));

  function get() {
    if (select.value === OTHER) return own.value.trim() || null;
    return select.value === "" ? null : select.value.slice(1);
  }

  function chosen() {
    own.hidden = select.value !== OTHER;
    if (!own.hidden) own.focus();
    change(get());
  }

  return {
    node: el("span", { class: "composer-choice" }, el("label", { for: select.id }, label), select, own),
    get,
    set(value) {
      if (get() === value && document.activeElement === own) return;
      const known = options.some((option) => option.value === value);
      if (!known && !other) select.append(el("option", { value: write(value) }, value ?? ""));
      select.value = known || !other ? write(value) : OTHER;
      own.hidden = select.value !== OTHER;
      if (!own.hidden) own.value = value ?? "";
    },
    mark(wrong) {
      for (const control of [select, own]) control.setAttribute("aria-invalid", String(wrong));
    },
    disable(off) {
      select.disabled = off;
      own.disabled = off;
    },
    name(text) {
      const first = options[0]?.value === null ? entries[0] : undefined;
      if (first && first.textContent !== text) first.textContent = text;
    },
  };
}

/**
 * A row of exclusive buttons: a radio group that looks like one control.
 * @template {string} V
 * @param {{label: string, options: {value: V, label: string}[], value: V, change: (value: V) => void}} what
 */
export function segments({ label, options, value, change }) {
  const name = unique("segment");
  const inputs = options.map((option) =>
    el("input", {
      type: "radio",
      name,
      value: option.value,
      checked: option.value === value,
      on: { change: () => change(option.value) },
    }),
  );
  const labels = options.map((option, at) => el("label", null, inputs[at], option.label));
  const node = el("span", { class: "choices", role: "radiogroup", "aria-label": label }, labels);
  return {
    node,
    /** @param {V} wanted */
    set(wanted) {
      for (const input of inputs) input.checked = input.value === wanted;
    },
    /** @param {boolean} off */
    disable(off) {
      for (const input of inputs) input.disabled = off;
    },
  };
}
