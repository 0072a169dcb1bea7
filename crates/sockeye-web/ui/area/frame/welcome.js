/**
 * The page with nothing open: what can be done, and one click that does it.
 */

import { el, icon, replace } from "../../core/dom.js";
import { demo } from "../conversations/deeds.js";

/**
 * @param {HTMLElement} root
 * @param {import("../../core/types.js").App} app
 */
export function mountWelcome(root, app) {
  const { state, words } = app;
  const { t } = words;

  /**
   * @param {string} key
   * @param {string} command
   * @param {Partial<import("../../core/types.js").Draft>} draft
   */
  const way = (key, command, draft) =>
    el(
      "li",
      null,
      el("button", { type: "button", class: "way", on: { click: () => app.open(draft) } }, el("strong", null, t(key)), el("span", { class: "dim" }, t(`${key}.what`)), el("code", null, command)),
    );

  function draw() {
    const may = state.may("act");
    replace(
      root,
      el(
        "div",
        { class: "welcome" },
        el("h2", null, t("shell.welcome.title")),
        el("p", { class: "dim" }, t(may ? "shell.welcome.text" : "shell.welcome.looking")),
        may &&
          el(
            "div",
            { class: "row" },
            el("button", { type: "button", class: "button primary", on: { click: () => void demo(app) } }, icon("play"), t("shell.welcome.demo")),
            el("button", { type: "button", class: "button", on: { click: () => app.open() } }, icon("add"), t("shell.welcome.open")),
            el("button", { type: "button", class: "button", on: { click: () => app.learn() } }, icon("learn"), t("shell.lessons")),
          ),
        may && el("p", { class: "dim small" }, t("shell.welcome.demo.what")),
        may &&
          el(
            "ul",
            { class: "ways" },
            way("shell.way.listen", "sockeye listen 8888", { do: "listen", endpoint: "tcp://127.0.0.1:8888" }),
            way("shell.way.connect", "sockeye connect 127.0.0.1:8888", { do: "connect", endpoint: "tcp://127.0.0.1:8888" }),
            way("shell.way.relay", "sockeye relay 8080 example.org:80", { do: "relay", a: "127.0.0.1:8080", b: "example.org:80" }),
            way("shell.way.serial", "sockeye connect serial:/dev/ttyUSB0", { do: "connect", endpoint: `serial:${state.about.serial[0] ?? "/dev/ttyUSB0"}?baud=115200` }),
          ),
      ),
    );
  }

  function show() {
    const away = state.runs.size > 0 && state.current !== null;
    if (root.hidden === away && root.hasChildNodes()) return;
    root.hidden = away;
    if (!away) draw();
  }

  const off = [state.on("runs", show), state.on("current", show)];
  show();
  return {
    destroy() {
      for (const one of off) one();
    },
  };
}
