/**
 * The stream: everything that happened in the run that is shown, row by row. Here its parts are joined; what
 * each does is in its own file.
 */

import { el } from "../../core/dom.js";
import { createBar } from "./bar.js";
import { createBlank } from "./blank.js";
import { createCleared } from "./cleared.js";
import { wayOf } from "./columns.js";
import { Counters } from "./counters.js";
import { createEncodings } from "./encodings.js";
import { createEnding } from "./ending.js";
import { createFilter } from "./filter.js";
import { createFoot } from "./foot.js";
import { createGrid } from "./grid.js";
import { headOf } from "./heads.js";
import { everything, narrows, needle } from "./query.js";
import { createRowMenu } from "./rowmenu.js";
import { createSaving } from "./saving.js";
import { createSearch } from "./search.js";
import { take } from "./taking.js";
import { time } from "./time.js";
import { View } from "./view.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Row} Row */

/** The height of a row where a mouse points, and where a finger does. */
const HEIGHT = matchMedia("(pointer: coarse)").matches ? 30 : 24;

/** @type {Map<number, string>} the framing each run is looked at by, over a change of language too */
const lenses = new Map();

/**
 * @param {HTMLElement} root
 * @param {App} app
 */
export function mount(root, app) {
  const { keepsakes, keys, settings, state, words } = app;
  const { t } = words;
  const encodings = createEncodings(keepsakes);
  const cleared = createCleared(sessionStorage, state.about.instance);
  /** @type {View | null} */
  let view = null;
  /** @type {number | null} */
  let shown = null;
  let counters = new Counters();
  let left = 0;
  let marked = "";
  let only = "";
  /** @type {string | null} */
  let trouble = null;
  let part = { dir: /** @type {"" | "in" | "out"} */ (""), kinds: /** @type {string[]} */ ([]) };

  const look = () => app.look("bytes");
  const run = () => (shown === null ? undefined : state.runs.get(shown));
  const ask = (/** @type {import("../../core/types.js").Params} */ params) => app.api.get(`/api/runs/${shown}/rows`, params);

  const menu = createRowMenu({
    words,
    row: () => grid.here(),
    chosen: () => { const range = grid.cursor.range; return range ? range[1] - range[0] + 1 : 1; },
    own: (row) => encodings.ofRow(/** @type {any} */ (run()), row.n),
    encode: (row, encoding) => { const now = run(); if (now) encodings.setRow(now, row.n, encoding); },
    copy: (form) => copy(form),
    find: (text) => search.find(text),
    narrow: (c) => state.show(shown, [c]),
    look,
  });
  const grid = createGrid({ words, row: HEIGHT, view: () => view, manner, chose, opened: look, menu, copy: () => copy("text"), scrolled, leave: leaveEnd });
  const search = createSearch({
    words, ask, view: () => view,
    here: () => grid.here(),
    go: (k) => { leaveEnd(); grid.put(k, { where: "middle" }); },
    marked: (find) => { marked = find; grid.list.repaint(); },
    only: (find) => { if (find !== only) { only = find; turn(); } },
    leave: () => grid.box.focus(),
  });
  const filter = createFilter({ words, chosen: () => query(), choose: (some) => { part = { ...part, ...some }; turn(); }, all: () => state.show(shown, []) });
  const save = el("button", { type: "button", class: "button quiet small", title: t("stream.save.what") }, t("stream.save"));
  createSaving(save, app, () => {
    const [c, more] = state.conversations;
    return c !== undefined && more === undefined ? c : (grid.cursor.at === null ? onlyOne() : (grid.here()?.c ?? null));
  });
  const bar = createBar(app, {
    lens: (frame) => lens(shown, frame),
    encode: (encoding) => { const now = run(); if (now) encodings.set(now, state.conversations, encoding); },
    act: {
      pause: () => { view?.pause(); changed(); },
      clear: () => { view?.clear(); cleared.set(shown ?? 0, view?.cleared.event ?? 0); left = view?.blocks.total ?? 0; grid.drop(); },
      follow: () => (view?.following ? leaveEnd() : toEnd()),
    },
    parts: { search: search.node, filter: filter.nodes, save },
  });
  const foot = createFoot(words, { reset: () => { counters.reset(); tell(); }, unclear: () => { view?.unclear(); cleared.set(shown ?? 0, 0); }, end: toEnd });
  const blank = createBlank(app);
  const ending = createEnding(words);
  root.classList.add("stream");
  root.setAttribute("aria-label", t("stream.title"));
  root.replaceChildren(bar.node, el("div", { class: "stream-rows" }, grid.box, blank.node, foot.news), ending.node, foot.node);

  function onlyOne() {
    const all = run()?.conversations ?? [];
    return all.length === 1 ? all[0].c : null;
  }

  /** @returns {import("./query.js").Query} */
  function query() {
    return { ...everything(), ...part, by: settings.get("by"), frame: lenses.get(shown ?? -1) ?? "", conversations: [...state.conversations], find: only };
  }

  /** @returns {import("./columns.js").Manner} */
  function manner() {
    const now = run();
    const began = now?.began ?? 0;
    const mode = settings.get("time");
    return {
      view: settings.get("view"),
      encoding: (row) => (now ? encodings.of(now, row) : "auto"),
      needle: needle(marked),
      head: headOf(app.lensOf(shown ?? -1)),
      time: (row) => time({ mode, t: row.t, before: mode === "delta" ? (grid.before(row)?.t ?? null) : null, began, clock: words.clock }),
      words,
    };
  }

  /** @param {Row | undefined} row */
  function chose(row) {
    if (!row || shown === null) return state.select(null);
    leaveEnd();
    state.select({ run: shown, c: row.c ?? 0, dir: wayOf(row), n: row.n, off: row.off ?? 0, len: row.len ?? 0, from: "row", row });
  }

  /** @param {import("./copying.js").Form} form */
  function copy(form) {
    const range = grid.cursor.range;
    const now = run();
    if (!range || !view || !now) return;
    const { blocks } = view;
    void take(app, now.id, { from: range[0], end: range[1] + 1, read: (k) => blocks.read(k), encoding: (row) => encodings.of(now, row) }, form);
  }

  function leaveEnd() {
    if (!view?.following) return;
    left = view.blocks.total;
    view.follow(false);
  }

  function toEnd() {
    if (!view) return;
    if (view.paused) view.pause();
    view.follow(true);
    changed();
  }

  // Who scrolls up wants to read; who comes back to the end wants to follow it.
  function scrolled() {
    if (!view) return;
    if (!grid.list.ended) leaveEnd();
    else if (!view.following && settings.get("follow") && !view.paused && grid.cursor.at === null) view.follow(true);
  }

  function turn() {
    if (!view) return;
    trouble = null;
    const keep = view.following ? null : (grid.here()?.n ?? null);
    void view.turn(query(), keep);
    filter.tell();
  }

  function changed() {
    if (view?.blocks.answered) trouble = view.blocks.rests ? trouble : null;
    grid.update();
    tell();
  }

  let planned = 0;
  function tell() {
    planned ||= requestAnimationFrame(() => {
      planned = 0;
      told();
    });
  }

  function told() {
    const now = run();
    if (now) counters.take(now);
    // The column stands or not from the beginning: rows are not to jump when the first datagram comes.
    root.classList.toggle("datagrams", /udp|gram|cast/i.test(now?.proto ?? ""));
    const first = state.conversations.values().next().value ?? onlyOne();
    bar.tell({ run: now, lens: lenses.get(shown ?? -1) ?? "", encoding: now ? encodings.ofConversation(now, first) : "auto", paused: view?.paused ?? false, following: view?.following ?? true });
    const blocks = view?.blocks;
    const rows = view ? view.end - view.base : 0;
    foot.tell({
      counts: counters.now, passed: view?.passed ?? 0, rushing: view?.rushing ?? false,
      fresh: !view ? 0 : view.paused ? view.behind : view.following ? 0 : Math.max(0, view.blocks.total - left),
      paused: view?.paused ?? false, cleared: (view?.cleared.event ?? 0) > 0, shown: rows, narrowed: view ? narrows(view.query) : false,
      searched: blocks?.searched ?? 0, events: blocks?.events ?? 0, forgotten: blocks?.forgotten ?? 0, trouble,
    });
    const empty = rows === 0 && blocks?.answered && view;
    ending.tell(now, Boolean(empty));
    blank.tell(now, !empty ? null : view?.cleared.event ? "cleared" : narrows(view?.query ?? everything()) ? "filter" : "none");
  }

  /** @param {unknown} error @param {import("./query.js").Query} asked */
  function failed(error, asked) {
    const said = words.error(error);
    const field = /** @type {{field?: string | null}} */ (error).field;
    if (field === "frame") return bar.wrong(said.text);
    trouble = said.text;
    if (field === "find" && asked.find === only) only = "";
    tell();
  }

  /** @param {number | null} id @param {string | null} frame */
  function lens(id, frame) {
    if (id === null) return;
    lenses.set(id, frame ?? "");
    bar.wrong(null);
    if (id === shown) turn();
    tell();
  }
  app.lens = lens;
  app.lensOf = (id) => lenses.get(id) || (state.runs.get(id)?.frame ?? "");
  app.encoding = (id, encoding) => { const one = state.runs.get(id); if (one) encodings.set(one, [], encoding); };
  app.find = (id, text) => { if (id === shown) search.find(text); };

  function show() {
    const other = state.current !== shown;
    shown = state.current;
    if (!other) return turn();
    view?.close();
    view = null;
    only = "";
    trouble = null;
    grid.cursor.drop();
    bar.wrong(null);
    bar.suggest();
    counters = new Counters();
    if (shown !== null) {
      const made = new View({
        ask, failed, screen: () => grid.list.page, changed: () => view === made && changed(),
        turned: (keep) => {
          grid.cursor.drop();
          bar.wrong(null);
          grid.update();
          if (keep !== null && !made.following) grid.put(keep, { where: "middle" });
          tell();
        },
      });
      view = made;
      made.following = settings.get("follow");
      made.query = query();
      made.blocks = made.made(made.query);
      const before = cleared.of(shown);
      if (before > 0) void made.reclear(before).catch((error) => failed(error, made.query));
      made.news();
    }
    search.again();
    filter.tell();
    changed();
  }

  const typed = { when: () => shown !== null && root.offsetParent !== null };
  const offs = [
    state.on("current", show),
    state.on("connected", () => { if (state.connected) { bar.suggest(); view?.blocks.wake(); view?.news(); } }),
    state.on("run", (id) => id === shown && tell()),
    state.on("grew", (id) => { if (id === shown) { view?.news(); search.news(); tell(); } }),
    settings.on("by", turn),
    settings.on("view", () => grid.list.repaint()),
    settings.on("time", timed),
    encodings.on(() => { grid.list.repaint(); tell(); }),
    keys.add({ keys: "/", what: "stream.key.search", run: () => search.focus(), ...typed }),
    keys.add({ keys: "space", what: "stream.key.follow", run: () => (view?.following ? leaveEnd() : toEnd()), ...typed }),
    keys.add({ keys: "f3", what: "stream.key.next", run: () => void search.step(1), ...typed }),
    keys.add({ keys: "shift+f3", what: "stream.key.previous", run: () => void search.step(-1), ...typed }),
  ];
  function timed() {
    root.dataset.time = settings.get("time");
    grid.list.repaint();
  }
  timed();
  show();

  return {
    destroy() {
      for (const off of offs) off();
      view?.close();
      search.destroy();
      bar.destroy();
      grid.destroy();
      root.replaceChildren();
    },
  };
}
