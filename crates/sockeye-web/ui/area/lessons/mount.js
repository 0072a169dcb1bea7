/**
 * The lessons: `app.learn()` shows their list over the middle, `app.learn("chat")` starts one. One that is taken has
 * an address, and a way back to it stands above its runs.
 */

import { el, icon, replace, toast } from "../../core/dom.js";
import { lessonAt, lessonOf, written } from "../frame/route.js";
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
  root.parentElement?.prepend(strip);

  function clear() {
    taken?.destroy();
    taken = null;
    replace(root);
  }

  function show() {
    clear();
    root.hidden = !place.open;
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
      el("button", { type: "button", class: "button small", on: { click: () => resume(run.id) } }, icon("learn"), t("lessons.resume")),
    );
  }

  /** @param {number} run */
  function resume(run) {
    place.run = run;
    place.open = true;
    history.pushState(null, "", lessonAt(run));
    show();
  }

  /** The address is that of the run again. */
  function unaddress() {
    if (lessonOf(location.hash) === null) return;
    history.replaceState(null, "", location.pathname + location.search + written(app.state.current, app.state.conversations));
  }

  function close() {
    place.open = false;
    unaddress();
    show();
  }

  /** A lesson that is left ends; what happened in it stays among the runs. */
  function leave() {
    end();
    unaddress();
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

  /**
   * @param {string} program
   * @returns {Promise<boolean>} whether it was
   */
  async function start(program) {
    end();
    let run = null;
    try {
      run = await app.api.post("/api/runs", { do: "lesson", program, language: app.words.language });
      place.run = run.id;
      place.open = true;
      root.scrollTop = 0;
      app.state.put(run);
      app.state.show(run.id);
      history.replaceState(null, "", lessonAt(run.id));
    } catch (failure) {
      const { title, text } = app.words.error(failure);
      toast(`${title}: ${text}`, "error");
    }
    show();
    return run !== null;
  }

  /**
   * The same from its first step: the two runs in which it was taken before make room.
   * @param {string} program
   * @param {number[]} before
   */
  async function again(program, before) {
    if (!(await start(program))) return;
    for (const id of before) {
      app.api.remove(`/api/runs/${id}`).then(
        () => app.state.forget(id),
        () => {},
      );
    }
  }

  app.learn = (program) => {
    place.open = true;
    if (program === undefined) {
      if (place.run !== null) history.pushState(null, "", lessonAt(place.run));
      show();
    } else void start(program);
  };

  /** Shows the lesson that the address names. */
  function addressed() {
    const run = lessonOf(location.hash);
    const there = run !== null && app.state.runs.get(run)?.do === "lesson";
    if (there) Object.assign(place, { open: true, run });
    return there;
  }

  function moved() {
    if (!addressed()) place.open = false;
    show();
  }

  const off = [
    app.state.on("current", () => {
      // A lesson's own runs appear while it is taken; only who chooses one leaves the lesson.
      if (place.open && app.state.current !== place.run) close();
      // Whatever is shown else hides the lessons: not the one that is being taken.
      queueMicrotask(() => (root.hidden = !place.open));
      back();
    }),
    app.state.on("runs", () => {
      if (place.run !== null && !app.state.runs.has(place.run)) {
        place.run = null;
        if (place.open) show();
      }
      back();
    }),
  ];
  addEventListener("popstate", moved);
  addressed();
  show();
  return {
    destroy() {
      for (const stop of off) stop();
      removeEventListener("popstate", moved);
      strip.remove();
      clear();
    },
  };
}
