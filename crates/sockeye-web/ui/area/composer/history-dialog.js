/**
 * What was sent before, as a list with a search: Enter or a click takes an entry into the field, Delete forgets it.
 */

import { el, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { search } from "./history.js";

/** @typedef {import("./history.js").Entry} Entry */

const AT_ONCE = 200;

/**
 * @param {import("./desk.js").Desk} desk
 * @param {(entry: Entry) => void} take
 */
export function openHistory(desk, take) {
  const { t } = desk;
  const back = document.activeElement;
  const find = el("input", {
    type: "search",
    placeholder: t("composer.search"),
    "aria-label": t("composer.search"),
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "composer-history",
    "aria-autocomplete": "list",
  });
  const list = el("ul", {
    class: "composer-history",
    id: "composer-history",
    role: "listbox",
    "aria-label": t("composer.history"),
  });
  const clear = el(
    "button",
    {
      type: "button",
      class: "button quiet small",
      on: {
        click: () => {
          desk.forget(null);
          draw();
        },
      },
    },
    t("composer.history.clear"),
  );
  const close = el("button", { type: "button", class: "button small", on: { click: () => box.close() } }, t("composer.close"));
  const box = el(
    "dialog",
    { class: "dialog composer-past", "aria-label": t("composer.history") },
    el("div", { class: "composer-bar" }, find),
    list,
    el(
      "div",
      { class: "composer-bar" },
      el("span", { class: "dim" }, t("composer.history.keys")),
      el("span", { class: "spread" }),
      clear,
      close,
    ),
  );
  /** @type {Entry[]} */
  let found = [];
  let at = 0;

  /** @type {Entry | undefined} */
  let chosen;

  /** @param {Entry | undefined} entry */
  function choose(entry) {
    chosen = entry;
    if (entry) box.close();
  }

  function draw() {
    found = search(desk.history(), find.value).slice(0, AT_ONCE);
    at = Math.max(0, Math.min(at, found.length - 1));
    clear.disabled = desk.history().length === 0;
    replace(
      list,
      found.length
        ? found.map((entry, index) =>
            el(
              "li",
              { role: "option", id: `composer-past-${index}`, "aria-selected": index === at, on: { click: () => choose(entry) } },
              el("span", { class: "tag" }, t(`composer.kind.${entry.kind}`)),
              el("code", { class: "cut" }, shown(entry.data.slice(0, 400))),
            ),
          )
        : el("li", { class: "dim composer-teach" }, t("composer.history.none")),
    );
    point();
  }

  function point() {
    for (const [index, one] of [...list.children].entries())
      if (found.length) one.setAttribute("aria-selected", String(index === at));
    find.setAttribute("aria-activedescendant", found.length ? `composer-past-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) {
      at = Math.max(0, Math.min(at + step, found.length - 1));
      point();
    } else if (event.key === "Enter") choose(found[at]);
    else if (event.key === "Delete" && find.selectionStart === find.value.length && found[at]) {
      desk.forget(found[at]);
      draw();
    } else return;
    event.preventDefault();
  }

  find.addEventListener("input", () => {
    at = 0;
    draw();
  });
  find.addEventListener("keydown", pressed);
  box.addEventListener("close", () => {
    box.remove();
    // Who took an entry goes on in the field.
    if (chosen) take(chosen);
    else if (back instanceof HTMLElement && back.isConnected) back.focus();
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  document.body.append(box);
  draw();
  box.showModal();
  find.focus();
}
