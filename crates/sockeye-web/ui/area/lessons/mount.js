/**
 * The lessons: `app.learn()` shows their list over the middle, `app.learn("chat")` starts one, `app.learn(undefined, 7)`
 * goes on with the one of run 7. Which one is shown is told by `sockeye-lesson`, for the address. Above a run that is a
 * lesson's stands the way back to it.
 */

import { el, icon, replace, toast } from "../../core/dom.js";
import { lesson } from "./lesson.js";
import { list } from "./list.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {{open: boolean, run: number | null}} Place */

/** Where somebody is, so that a change of language does not send them away. @type {WeakMap<App, Place>} */
const places = new WeakMap();

/** @type {import("../../core/types.js").Mount} */
export function mount(root, app) {
  const place = places.get(app) ?? { open: false, run: null };
  places.set(app, place);
  /** @type {{destroy(): void} | null} */
  let taken = null;
  const strip = el("div", { class: "lesson-strip", hidden: true });
  root.before(strip);

  function clear() {
    taken?.destroy();
    taken = null;
    replace(root);
  }

  function show() {
    clear();
    root.hidden = !place.open;
    root.dispatchEvent(new CustomEvent("sockeye-lesson", { bubbles: true, detail: { run: place.open ? place.run : null } }));
    back();
    if (!place.open) return;
    if (place.run === null) {
      root.appendChild(list(app, { start, close }));
    } else {
      taken = lesson(root, app, place.run, { list: leave, again, close });
    }
  }

  /** Above a run that is a lesson's: the way to it. */
  function back() {
    const run = app.state.current === null ? undefined : app.state.runs.get(app.state.current);
    strip.hidden = place.open || run?.do !== "lesson";
    if (strip.hidden || !run) return;
    const { t } = app.words;
    const title = run.draft.program ? t(`lessons.${run.draft.program}.title`) : t("lessons.title");
    replace(
      strip,
      el("span", { class: "dim cut" }, t("lessons.of-run", { title })),
      el("button", { type: "button", class: "button small", on: { click: () => app.learn(undefined, run.id) } }, icon("learn"), t("lessons.resume")),
    );
  }

  function close() {
    place.open = false;
    show();
  }

  /** A lesson that is left ends; what happened in it stays among the runs. */
  function leave() {
    end();
    show();
  }

  function end() {
    const { run } = place;
    place.run = null;
    if (run !== null && app.state.runs.get(run)?.state !== "ended") {
      // It may have ended by itself: then there is nothing left to do.
      app.api.post(`/api/runs/${run}/end`).catch(() => {});
    }
  }

  /** @param {string} program */
  async function start(program) {
    end();
    try {
      const run = await app.api.post("/api/runs", { do: "lesson", program, language: app.words.language });
      place.run = run.id;
      place.open = true;
      root.scrollTop = 0;
    } catch (failure) {
      const { title, text } = app.words.error(failure);
      toast(`${title}: ${text}`, "error");
    }
    show();
    return place.run !== null;
  }

  /**
   * The same from its first step: the two runs in which it was taken before make room.
   * @param {string} program
   * @param {number[]} before
   */
  async function again(program, before) {
    if (!(await start(program))) return;
    // What was forgotten meanwhile has made room already.
    for (const id of before) app.api.remove(`/api/runs/${id}`).catch(() => {});
  }

  app.learn = (program, run) => {
    place.open = true;
    if (run !== undefined) place.run = run;
    if (program === undefined) show();
    else void start(program);
  };
  const off = app.state.on("current", () => {
    // A lesson's own runs appear while it is taken; only who chooses one leaves the lesson.
    if (place.open && app.state.current !== place.run) close();
    back();
  });
  show();
  return {
    destroy() {
      off();
      strip.remove();
      clear();
    },
  };
}
