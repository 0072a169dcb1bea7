/**
 * The filter: which directions and kinds of rows are shown. Which conversations is chosen at the left; here it
 * is said and undone.
 */

import { el, icon, unique } from "../../core/dom.js";
import { KINDS } from "./query.js";

/**
 * @param {{
 *   words: import("../../core/types.js").Words,
 *   chosen: () => import("./query.js").Query,
 *   choose: (part: Partial<import("./query.js").Query>) => void,
 *   all: () => void,
 * }} with `all`: every conversation again
 */
export function createFilter({ words, chosen, choose, all }) {
  const { t } = words;
  const id = unique("filter");
  const count = el("span", { class: "filter-count number" });
  const button = el("button", { type: "button", class: "button quiet small", popovertarget: id, "aria-label": t("stream.filter") }, icon("list"), t("stream.filter"), count);
  const panel = el("div", { class: "filter-panel", id, popover: "auto", role: "group", "aria-label": t("stream.filter") });
  panel.addEventListener("beforetoggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") draw();
  });
  panel.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
    const at = button.getBoundingClientRect();
    panel.style.setProperty("top", `${at.bottom + 4}px`);
    panel.style.setProperty("left", `${Math.max(8, Math.min(at.left, innerWidth - panel.offsetWidth - 8))}px`);
    panel.querySelector("input")?.focus();
  });

  function draw() {
    const query = chosen();
    const way = (/** @type {"" | "in" | "out"} */ dir) =>
      el("label", { class: "pick" }, el("input", { type: "radio", name: `${id}-way`, checked: query.dir === dir, on: { change: () => choose({ dir }) } }), t(`stream.filter.way.${dir || "both"}`));
    const kind = (/** @type {string} */ name) =>
      el(
        "label",
        { class: "pick" },
        el("input", { type: "checkbox", data: { kind: name }, checked: query.kinds.length === 0 || query.kinds.includes(name), on: { change: kinds } }),
        t(`stream.kind.${name}`),
      );
    panel.replaceChildren(
      el("fieldset", null, el("legend", null, t("stream.filter.way")), way(""), way("in"), way("out")),
      el("fieldset", null, el("legend", null, t("stream.filter.kinds")), KINDS.map(kind)),
      el(
        "p",
        { class: "filter-who" },
        query.conversations.length ? t("stream.filter.narrowed", { list: query.conversations.map((c) => `#${c}`).join(" ") }) : t("stream.filter.everybody"),
        query.conversations.length ? el("button", { type: "button", class: "link", on: { click: () => (all(), panel.hidePopover()) } }, t("stream.filter.all")) : null,
      ),
    );
  }

  function kinds() {
    const boxes = /** @type {HTMLInputElement[]} */ ([...panel.querySelectorAll("input[type=checkbox]")]);
    const on = boxes.filter((box) => box.checked).map((box) => box.dataset.kind ?? "");
    // No kind at all would show nothing: that is nobody's wish.
    choose({ kinds: on.length === boxes.length || on.length === 0 ? [] : on });
    if (on.length === 0) for (const box of boxes) box.checked = true;
  }

  return {
    nodes: [button, panel],
    /** Says at the button how much is left out. */
    tell() {
      const { dir, kinds: some, conversations } = chosen();
      const n = (dir ? 1 : 0) + (some.length ? 1 : 0) + (conversations.length ? 1 : 0);
      count.textContent = n ? String(n) : "";
      button.classList.toggle("on", n > 0);
    },
  };
}
