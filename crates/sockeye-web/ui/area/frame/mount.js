/**
 * The frame of the page: puts every area into its landmark, and what belongs to none of them beside them.
 */

import { el, replace } from "../../core/dom.js";
import { bytes, landmarks, opening, tabs } from "./areas.js";
import { mountBanner } from "./banner.js";
import { mountBar } from "./bar.js";
import { mountDivider } from "./divider.js";
import { mountInspector } from "./inspector.js";
import { mountPanes } from "./panes.js";
import { mountRoute } from "./route.js";
import { mountTitle } from "./title.js";
import { mountWelcome } from "./welcome.js";
import { help } from "./help.js";
import { settingsDialog } from "./settings.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {{nextAttempt: () => number | null, tryNow: () => void, leave: () => void}} Line the line to the server */

const NAMES = { conversations: "shell.conversations", middle: "shell.middle", stream: "shell.stream", composer: "shell.send", inspector: "shell.look", panes: "shell.panes" };

/**
 * @param {HTMLElement} page
 * @param {App} app
 * @param {Line} line
 * @returns {{destroy(): void}}
 */
export function mountFrame(page, app, line) {
  /** @param {string} id */
  const landmark = (id) => /** @type {HTMLElement} */ (page.querySelector(`#${id}`));
  /** @type {(() => void)[]} what is undone at the end, last first */
  const undo = [];

  for (const [id, name] of Object.entries(NAMES)) landmark(id).setAttribute("aria-label", app.words.t(name));
  // First: the bar and the route call app.open and app.look.
  undo.push(mountInspector(landmark("inspector"), app, { bytes, tabs }).destroy);
  if (opening) undo.push(opening(page, app).destroy);
  undo.push(mountBar(landmark("bar"), app, line).destroy);
  for (const [id, mount] of landmarks) {
    const root = landmark(id);
    try {
      undo.push(mount(root, app).destroy);
    } catch (error) {
      // The rest of the page goes on without this area.
      reportError(error);
      replace(root, el("p", { class: "empty" }, String(error)));
    }
  }
  undo.push(mountWelcome(landmark("welcome"), app).destroy);
  undo.push(mountPanes(page, landmark("panes"), app).destroy);
  undo.push(mountDivider(landmark("conversations"), app, { name: "--nav-width", label: "shell.divider.conversations", side: "end", least: 200, most: 480 }).destroy);
  undo.push(mountDivider(landmark("inspector"), app, { name: "--look-width", label: "shell.divider.look", side: "start", least: 300, most: 900 }).destroy);
  undo.push(mountBanner(landmark("bar"), app, line).destroy);
  undo.push(mountTitle(app).destroy);
  undo.push(
    app.state.on("current", () => {
      landmark("lessons").hidden = true;
    }),
  );
  undo.push(mountRoute(app));
  undo.push(app.keys.add({ keys: "?", what: "shell.key.help", run: () => void help(app) }));
  undo.push(app.keys.add({ keys: "mod+,", what: "shell.key.settings", run: () => void settingsDialog(app, line) }));
  if (app.state.may("act")) undo.push(app.keys.add({ keys: "n", what: "shell.key.open", run: () => app.open() }));
  undo.push(app.keys.add({ keys: "i", what: "shell.key.look", run: () => app.look(landmark("inspector").hidden ? undefined : "") }));

  return {
    destroy() {
      for (const one of undo.reverse()) one();
      for (const id of ["bar", "conversations", "stream", "composer", "lessons", "welcome", "inspector", "panes"]) landmark(id).replaceChildren();
    },
  };
}
