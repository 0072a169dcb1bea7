/**
 * The bar at the top: what is shown, and what belongs to the whole page.
 */

import { el, icon, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { called } from "../conversations/called.js";
import { brand } from "./brand.js";
import { help } from "./help.js";
import { settingsDialog } from "./settings.js";
import { share } from "./share.js";

/**
 * @param {HTMLElement} root
 * @param {import("../../core/types.js").App} app
 * @param {import("./mount.js").Line} line
 */
export function mountBar(root, app, line) {
  const { state, words } = app;
  const { t } = words;
  const about = el("div", { class: "bar-run" });

  /**
   * @param {string} name
   * @param {string} key
   * @param {() => void} run
   */
  const deed = (name, key, run) =>
    el("button", { type: "button", class: "button quiet only", "aria-label": t(key), title: t(key), on: { click: run } }, icon(name));

  const look = deed("look", "shell.look.toggle", () => {
    app.look(document.getElementById("inspector")?.hidden ? undefined : "");
  });

  function draw() {
    const run = state.runs.get(state.current ?? -1);
    const name = run ? called(run, words) : "";
    const endpoint = run?.endpoint ? shown(run.endpoint) : "";
    // Drawn again only when another text stands there: a reader who selects it is not disturbed.
    const key = `${name}\n${endpoint}`;
    if (about.dataset.key === key) return;
    about.dataset.key = key;
    replace(
      about,
      run && el("h1", { class: "cut", title: name }, name),
      run && endpoint && endpoint !== name && el("code", { class: "bar-endpoint cut", title: endpoint }, endpoint),
    );
  }

  replace(
    root,
    brand(),
    about,
    el(
      "div",
      { class: "bar-deeds" },
      state.may("act") ? null : el("span", { class: "tag warn", title: t("shell.only-look.what") }, t("shell.only-look")),
      deed("learn", "shell.lessons", () => app.learn()),
      state.may("act") && deed("link", "shell.share", () => void share(app)),
      deed("help", "shell.key.help", () => void help(app)),
      deed("settings", "shell.settings", () => void settingsDialog(app, line)),
      look,
    ),
  );

  const pressed = () => look.setAttribute("aria-pressed", String(!document.getElementById("inspector")?.hidden));
  document.addEventListener("sockeye-look", pressed);
  const off = [state.on("current", draw), state.on("run", (id) => id === state.current && draw())];
  draw();
  pressed();
  return {
    destroy() {
      document.removeEventListener("sockeye-look", pressed);
      for (const one of off) one();
    },
  };
}
