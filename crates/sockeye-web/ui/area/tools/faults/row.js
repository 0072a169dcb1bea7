/**
 * One fault: its switch, its direction, its sliders, and where and how often it strikes.
 * It is shown what it is, and says what it would be; the list of all faults is not its own.
 */

import { el, field } from "../../../core/dom.js";
import { dialControl } from "./dial.js";
import { around } from "./language.js";
import { share, time } from "./quantity.js";

/**
 * @typedef {import("./language.js").Fault} Fault
 * @typedef {import("./language.js").Key} Key
 * @typedef {import("./knobs.js").Knob} Knob
 */

/**
 * @param {import("../../../core/types.js").Words} words
 * @param {Knob} knob
 * @param {{ changed: (fault: Fault | null) => void, another: () => void }} tell
 */
export function faultRow({ t, count }, knob, { changed, another }) {
  const { name, dial } = knob;
  /** @type {Fault} */
  let fault = { name, value: knob.begins, keys: {} };
  let on = false;

  const toggle = el("input", { type: "checkbox", role: "switch", on: { change: () => changed(toggle.checked ? fault : null) } });
  const strikes = el("span", { class: "fault-strikes" });
  const way = el("select", { class: "fault-way", "aria-label": t("tools.faults.way"), on: { change: () => key("dir", way.value || null) } },
    el("option", { value: "" }, t("tools.faults.way.both")),
    el("option", { value: "up" }, t("tools.faults.way.up")),
    el("option", { value: "down" }, t("tools.faults.way.down")));
  const bare = knob.bare ? { at: knob.bare, label: t(`tools.faults.bare.${name}`) } : null;
  const main = dial && dialControl({ label: t(`tools.faults.${name}`), dial, bare, turned: (value) => turn(value, around(fault.value)[1]) });
  const spread = knob.spread && dialControl({ label: t("tools.faults.spread"), dial: knob.spread, turned: (value) => turn(around(fault.value)[0] || null, value) });
  const extras = more();

  const body = el("div", { class: "fault-body" },
    main?.node,
    spread ? el("div", { class: "fault-spread" }, el("span", { class: "dim small" }, "±"), spread.node) : null,
    extras.node);
  const node = el("li", { class: "fault", data: { fault: name } },
    el("div", { class: "fault-head" },
      el("label", { class: "fault-name" }, toggle, el("b", {}, t(`tools.faults.${name}`)), el("code", {}, name)),
      strikes, way),
    el("p", { class: "fault-what" }, t(`tools.faults.${name}.what`)),
    body);

  /** @param {string | null} middle @param {string | null} more */
  function turn(middle, more) {
    const wide = more !== null && !/^0\D*$/.test(more);
    fault = { ...fault, value: middle === null ? null : `${middle}${wide ? `±${more}` : ""}` };
    changed(fault);
  }

  /** @param {Key} which @param {string | null} value */
  function key(which, value) {
    const keys = { ...fault.keys };
    if (value === null || value === "") delete keys[which];
    else keys[which] = value;
    fault = { ...fault, keys };
    changed(fault);
  }

  /** Where and how often: for who wants it exactly. */
  function more() {
    /** @type {{ name: Key, control: HTMLInputElement }[]} */
    const inputs = [];
    /** @param {Key} which @param {(text: string) => boolean} right @param {string} [example] */
    const text = (which, right, example) => {
      const control = el("input", { type: "text", placeholder: example, autocomplete: "off", spellcheck: "false" });
      control.addEventListener("change", () => {
        const typed = control.value.trim();
        if (typed !== "" && !right(typed)) return control.setAttribute("aria-invalid", "true");
        control.removeAttribute("aria-invalid");
        key(which, typed);
      });
      inputs.push({ name: which, control });
      return field({ label: t(which === "on" ? "tools.faults.on-unit" : `tools.faults.${which}`), control });
    };
    const percent = (/** @type {string} */ typed) => share.read(typed) !== null;
    const then = name === "stall"
      ? el("label", { class: "fault-check" }, el("input", { type: "checkbox", on: { change: (/** @type {Event} */ event) => key("then", /** @type {HTMLInputElement} */ (event.target).checked ? "close" : null) } }), t("tools.faults.then"))
      : null;
    const said = el("span", { class: "dim small" });
    const node = el("details", { class: "fault-more" },
      el("summary", {}, t("tools.faults.more"), " ", said),
      el("div", { class: "fault-keys" },
        name === "split" ? text("gap", (typed) => time.read(typed) !== null, "2ms") : null,
        text("on", (typed) => /^(frame:\s*[1-9]\d*|match:\s*[^,;]+)$/.test(typed), "frame:3 · match:PING"),
        text("first", (typed) => /^[1-9]\d*$/.test(typed), "3"),
        text("p", percent, "50%"),
        text("share", percent, "10%")),
      then,
      el("button", { type: "button", class: "button quiet small", on: { click: another } }, t("tools.faults.another")));
    return {
      node,
      show() {
        for (const { name: which, control } of inputs) {
          if (document.activeElement !== control) control.value = fault.keys[which] ?? "";
        }
        const box = then?.querySelector("input");
        if (box) box.checked = fault.keys.then === "close";
        said.textContent = Object.entries(fault.keys).filter(([which]) => which !== "dir").map(([which, value]) => `${which}=${value}`).join(" ");
      },
    };
  }

  return {
    node,
    /** @param {Fault | null} next null: off, with what it was kept for the next time */
    show(next) {
      if (next) fault = next;
      on = next !== null;
      toggle.checked = on;
      node.classList.toggle("fault-on", on);
      body.hidden = !on;
      way.hidden = !on;
      way.value = fault.keys.dir ?? "";
      const [middle, wide] = around(fault.value);
      main?.show(middle || null);
      spread?.show(wide ?? knob.spread?.quantity.write(0) ?? null);
      extras.show();
    },
    /** @param {number} times */
    struck(times) {
      strikes.textContent = times > 0 ? t("tools.faults.struck", { n: times, times: count(times) }) : "";
    },
  };
}
