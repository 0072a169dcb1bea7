/**
 * The search: a field, how many rows match, and the way to the next or the one before. The server searches;
 * the page only asks which row is the next.
 */

import { el, icon } from "../../core/dom.js";
import { Blocks } from "./blocks.js";
import { params } from "./query.js";
import { place } from "./place.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** After the last letter typed. */
const TYPED = 180;
/** Between two questions while the server still searches. */
const ONWARD = 60;
/** Between two looks at a record that grows. */
const SETTLE = 400;
/** Rows that one event completes: frames that came in one read. */
const TOGETHER = 400;

/**
 * @param {{
 *   words: import("../../core/types.js").Words,
 *   ask: (params: import("../../core/types.js").Params) => Promise<import("../../core/types.js").Rows>,
 *   view: () => import("./view.js").View | null,
 *   here: () => Row | undefined,
 *   go: (k: number) => void,
 *   marked: (find: string) => void,
 *   only: (find: string) => void,
 *   leave: () => void,
 * }} with `here`: the row to search on from; `only`: show nothing but what matches
 */
export function createSearch({ words, ask, view, here, go, marked, only, leave }) {
  const { t } = words;
  /** @type {Blocks | null} */
  let found = null;
  /** @type {number | null} which of them is shown */
  let at = null;
  let timer = 0;
  let polling = false;
  let waiting = 0;
  let turn = 0;

  const input = el("input", {
    type: "search", class: "mono", "aria-label": t("stream.search"), placeholder: t("stream.search.hint"), spellcheck: "false", autocomplete: "off",
    on: { input: () => ((window.clearTimeout(timer)), (timer = window.setTimeout(begin, TYPED))), keydown: pressed },
  });
  const said = el("span", { class: "search-said number", role: "status" });
  const button = (/** @type {string} */ label, /** @type {string} */ turned, /** @type {() => void} */ run) =>
    el("button", { type: "button", class: `button quiet small only ${turned}`, "aria-label": t(label), title: t(label), on: { click: run } }, icon("chevron"));
  const previous = button("stream.search.previous", "up", () => void step(-1));
  const next = button("stream.search.next", "down", () => void step(1));
  const alone = el(
    "button",
    { type: "button", class: "button quiet small", "aria-pressed": "false", title: t("stream.search.only.what"), on: { click: toggle } },
    t("stream.search.only"),
  );
  const node = el("div", { class: "search", role: "search" }, icon("search"), input, said, previous, next, alone);
  tell();

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter") {
      event.preventDefault();
      void step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      input.value = "";
      begin();
      leave();
    }
  }

  function toggle() {
    const on = alone.getAttribute("aria-pressed") !== "true";
    alone.setAttribute("aria-pressed", String(on));
    only(on ? input.value : "");
  }

  function begin() {
    window.clearTimeout(timer);
    timer = 0;
    found?.close();
    found = null;
    at = null;
    turn += 1;
    const current = view();
    const find = input.value;
    marked(find);
    if (alone.getAttribute("aria-pressed") === "true") only(find);
    input.removeAttribute("aria-invalid");
    if (find && current) {
      const asked = { ...params(current.query), find };
      const made = new Blocks({ ask: (from, count) => ask({ from, count, ...asked }), changed: () => {}, failed: (error) => failed(made, error) });
      found = made;
      void poll();
    }
    tell();
  }

  /** @param {Blocks} which @param {unknown} error */
  function failed(which, error) {
    if (which !== found) return;
    input.setAttribute("aria-invalid", "true");
    said.textContent = words.error(error).text;
    said.title = said.textContent;
    found = null;
  }

  async function poll() {
    const mine = found;
    if (!mine || polling) return;
    polling = true;
    await mine.tail(1);
    polling = false;
    if (mine !== found) return void poll();
    tell();
    if (mine.searched < mine.events) window.setTimeout(() => void poll(), ONWARD);
  }

  function tell() {
    const none = !found || found.total === 0;
    previous.disabled = none;
    next.disabled = none;
    said.classList.toggle("none", Boolean(found?.answered && found.total === 0));
    if (!found?.answered) {
      if (!input.hasAttribute("aria-invalid")) said.textContent = "";
      return;
    }
    const total = words.count(found.total);
    const which = at === null ? t("stream.search.found", { n: found.total, total }) : t("stream.search.at", { at: words.count(at + 1), total });
    const onward = found.searched < found.events;
    said.textContent = onward
      ? `${which} · ${t("stream.search.searched", { searched: words.count(found.searched), events: words.count(found.events) })}`
      : which;
    said.title = said.textContent;
  }

  /** @param {1 | -1} by */
  async function step(by) {
    if (timer) begin();
    const mine = found;
    const current = view();
    if (!mine || !current) return;
    turn += 1;
    const asked = turn;
    if (!mine.answered) await mine.tail(1);
    if (mine.total === 0) return tell();
    let to = at;
    if (to === null) {
      const row = here();
      const n = row?.n ?? 0;
      to = await place({ first: mine.first, total: mine.total, read: (k) => mine.read(k) }, n, { events: mine.events });
      if (by < 0) to -= 1;
    } else to += by;
    // Beyond an end it goes on from the other one.
    to = ((to % mine.total) + mine.total) % mine.total;
    const match = await mine.read(to);
    if (!match || asked !== turn) return;
    const { blocks } = current;
    let k = await current.row(blocks, match.n);
    for (let more = 0; more < TOGETHER && k < blocks.total; more += 1) {
      const row = await blocks.read(k);
      if (!row || row.n !== match.n || (row.off === match.off && row.kind === match.kind)) break;
      k += 1;
    }
    if (asked !== turn) return;
    at = to;
    tell();
    go(k);
  }

  return {
    node,
    /** @param {string} find */
    find(find) {
      input.value = find;
      begin();
      void step(1);
    },
    focus() {
      input.focus();
      input.select();
    },
    step,
    /** The question has changed, or the run: what was found is counted anew. */
    again: begin,
    /** There are more events. */
    news() {
      if (!found || waiting) return;
      waiting = window.setTimeout(() => ((waiting = 0), void poll()), SETTLE);
    },
    destroy: () => found?.close(),
  };
}
