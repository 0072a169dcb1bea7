/**
 * The bar of tabs on a narrow screen, where one part of the page is seen at a time.
 */

import { el, icon, replace } from "../../core/dom.js";

const PANES = /** @type {const} */ ([
  ["conversations", "list", "shell.conversations"],
  ["stream", "stream", "shell.stream"],
  ["send", "send", "shell.send"],
  ["look", "look", "shell.look"],
]);

/**
 * @param {HTMLElement} page
 * @param {HTMLElement} root
 * @param {import("../../core/types.js").App} app
 */
export function mountPanes(page, root, app) {
  const inspector = /** @type {HTMLElement} */ (page.querySelector("#inspector"));
  const buttons = PANES.map(([id, name, key]) =>
    el("button", { type: "button", data: { pane: id }, on: { click: () => (id === "look" ? app.look() : go(id)) } }, icon(name), el("span", null, app.words.t(key))),
  );
  replace(root, buttons);

  /** @param {string} id */
  function go(id) {
    page.dataset.pane = id;
    for (const button of buttons) {
      if (button.dataset.pane === id) {
        button.setAttribute("aria-current", "page");
        button.classList.remove("fresh");
      } else button.removeAttribute("aria-current");
    }
  }

  /** @param {Event} event */
  function looked(event) {
    const asked = event instanceof CustomEvent && event.detail?.asked;
    if (asked) return go("look");
    if (inspector.hidden) {
      if (page.dataset.pane === "look") go("stream");
      return;
    }
    // A row was touched: that there is more to see is told, but the stream is not taken away.
    if (page.dataset.pane !== "look") buttons[3]?.classList.add("fresh");
  }

  page.addEventListener("sockeye-look", looked);
  const off = app.state.on("current", () => go(app.state.current === null ? "conversations" : "stream"));
  go(page.dataset.pane ?? "stream");
  return {
    destroy() {
      page.removeEventListener("sockeye-look", looked);
      off();
    },
  };
}
