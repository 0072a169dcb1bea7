/**
 * A lesson that is being taken: asks the server how it stands, does what is pressed, draws both.
 */

import { el, icon, replace, toast } from "../../core/dom.js";
import { ruler } from "./ruler.js";
import { side } from "./side.js";
import { steps } from "./steps.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./types.js").Lesson} Lesson */
/** @typedef {import("./types.js").SideName} SideName */

/** How long news is gathered before it is asked for, in ms. */
const GATHER = 120;

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {number} run
 * @param {{list: () => void, again: (program: string, before: number[]) => void, close: () => void}} deeds
 * @returns {{destroy(): void}}
 */
export function lesson(root, app, run, deeds) {
  const { t } = app.words;
  /** @type {Lesson | null} */
  let state = null;
  let busy = false;
  let gone = false;
  /** @type {ReturnType<typeof setTimeout> | null} */
  let soon = null;
  /** How many deeds were answered. */
  let acts = 0;
  let due = 0;
  const drafts = { server: { value: "" }, client: { value: "" } };

  /** @param {unknown} failure */
  const told = (failure) => {
    const { title, text } = app.words.error(failure);
    toast(title === text ? text : `${title}: ${text}`, "error");
  };

  /** @param {() => Promise<Lesson>} ask @returns {Promise<boolean>} */
  async function asked(ask) {
    const before = acts;
    try {
      const answer = await ask();
      if (gone) return false;
      // It may tell how the lesson stood before what was done meanwhile.
      if (acts !== before) return asked(ask);
      state = answer;
      return true;
    } catch (failure) {
      if (!gone) told(failure);
      return false;
    }
  }

  const look = () =>
    asked(() => app.api.get(`/api/runs/${run}/lesson`)).then((there) => {
      // Of a lesson of before a restart there are only its runs.
      if (!there && state === null && !gone) deeds.list();
      else draw();
    });

  /** @param {object} body */
  async function act(body) {
    if (busy) return false;
    busy = true;
    draw();
    const done = await asked(() => app.api.post(`/api/runs/${run}/lesson`, body));
    acts += 1;
    busy = false;
    draw();
    return done;
  }

  /** @param {number} id */
  const news = (id) => {
    if (id !== run && id !== state?.server.run && id !== state?.client.run) return;
    soon ??= setTimeout(() => {
      soon = null;
      void look();
    }, GATHER);
  };

  /** @param {number} id */
  const follow = (id) => {
    deeds.close();
    app.state.show(id);
  };

  function draw() {
    if (gone || !state) return;
    // A button that is replaced while it is held down gets no click.
    if (root.querySelector(":is(button, summary):active")) {
      due ||= requestAnimationFrame(() => {
        due = 0;
        draw();
      });
      return;
    }
    const held = keptFocus(root);
    const shown = state;
    const part = (/** @type {SideName} */ name) =>
      side(app, shown, name, { say: (text) => act({ do: "type", side: name, text }), follow, draft: drafts[name] });
    replace(
      root,
      el(
        "div",
        { class: "lesson", "aria-busy": busy ? "true" : null },
        head(shown),
        el("div", { class: "lesson-columns" }, part("server"), steps(app, shown, { next: () => void act({ do: "next" }), again: () => deeds.again(shown.program, [shown.server.run, shown.client.run].filter((id) => id !== null)), busy }), part("client")),
        ruler(app, shown),
        terminal(shown),
      ),
    );
    for (const said of root.querySelectorAll(".said, .moves")) said.scrollTop = said.scrollHeight;
    held();
  }

  /** @param {Lesson} shown */
  function head(shown) {
    return el(
      "header",
      { class: "lesson-head" },
      el("button", { type: "button", class: "button quiet small", on: { click: deeds.list } }, icon("list"), t("lessons.title")),
      el("h2", { class: "cut" }, t(shown.title)),
      el("code", { class: "dim" }, shown.program),
      el("span", { class: "spread" }),
      el("button", { type: "button", class: "button quiet only", "aria-label": t("lessons.close"), title: t("lessons.close"), on: { click: deeds.close } }, icon("close")),
      el("p", { class: "dim" }, t(`lessons.${shown.program}.what`)),
    );
  }

  /** @param {Lesson} shown */
  function terminal(shown) {
    return el(
      "section",
      { class: "lesson-terminal" },
      el("h3", null, t("lessons.terminal")),
      el("p", { class: "dim small" }, t("lessons.terminal.hint")),
      el("pre", { tabindex: 0 }, `${shown.commands.server}\n${shown.commands.client}`),
    );
  }

  const off = [app.state.on("grew", news), app.state.on("run", news)];
  void look();
  return {
    destroy() {
      gone = true;
      if (soon !== null) clearTimeout(soon);
      for (const stop of off) stop();
    },
  };
}

/**
 * Drawing again must not take the focus away: returns what gives it back.
 * @param {HTMLElement} root
 */
function keptFocus(root) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || !root.contains(focused)) return () => {};
  const place = focused.closest(".server.lesson-side") ? ".server.lesson-side" : focused.closest(".client.lesson-side") ? ".client.lesson-side" : null;
  const caret = focused instanceof HTMLInputElement ? [focused.selectionStart, focused.selectionEnd] : null;
  const wanted = place && caret ? `${place} input` : focused.dataset.deed ? "[data-deed]" : null;
  return () => {
    const next = wanted ? root.querySelector(wanted) : null;
    if (!(next instanceof HTMLElement)) return;
    next.focus({ preventScroll: true });
    if (caret && next instanceof HTMLInputElement) next.setSelectionRange(caret[0] ?? null, caret[1] ?? null);
  };
}
