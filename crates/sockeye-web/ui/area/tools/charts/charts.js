/**
 * The tab "charts": the rates of a run and its round trips, of the last five minutes, live.
 * The numbers are the server's; the picture moves on by itself while nothing happens.
 */

import { el, icon, replace } from "../../../core/dom.js";
import { every, failed, follow } from "../panel.js";
import { sharp } from "./canvas.js";
import { drawRates, drawTrips, secondAt } from "./plot.js";
import { Ceiling } from "./scale.js";
import { edgeOf, peaks, SECONDS, Series } from "./series.js";
import { ratesTable } from "./table.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 */

/** @type {import("../../../core/types.js").Mount} */
export function mountCharts(root, app) {
  return follow(root, app, (body, run) => charts(body, app, run));
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} first
 */
function charts(root, app, first) {
  const { words, state, api } = app;
  const { id } = first;
  const { t } = words;
  const series = new Series();
  const tops = { rate: new Ceiling({ base: 1024, least: 1024 }), trip: new Ceiling({ base: 1000, least: 1_000_000 }) };
  /** The second at the right edge while the picture stands still. @type {number | null} */
  let stopped = null;
  /** Index in the window. @type {number | null} */
  let cursor = null;

  /** How far the server's clock is ahead of ours, in ms. */
  let ahead = 0;
  /** Events that were there when the rates were last asked for. */
  let events = -1;

  const live = () => edgeOf(series, state.runs.get(id) ?? first, Date.now() + ahead);
  const edge = () => stopped ?? live();
  const trip = (/** @type {number | null} */ ns) => (ns === null ? "–" : words.duration(ns));

  const pause = el("button", { type: "button", class: "button", "aria-pressed": "false", on: { click: toggle } });
  const behind = el("span", { class: "dim small" });
  const cells = figures();
  const rates = el("canvas", { class: "chart chart-rates", tabindex: "0", role: "slider", "aria-label": t("tools.charts.picture"), "aria-valuemin": 1 - SECONDS, "aria-valuemax": 0 });
  const trips = el("canvas", { class: "chart chart-trips", "aria-hidden": "true" });
  const reading = el("p", { class: "chart-reading", "aria-hidden": "true" });
  const table = ratesTable(words);
  const trouble = el("div", {});
  const inks = el("div", { hidden: true }, ...["in", "out", "trip", "grid", "text", "cursor"].map((name) => el("span", { class: `chart-${name}` })));

  const pictures = [
    sharp(rates, (pen, width, height) => {
      const window = series.window(edge());
      const { in: into, out } = peaks(window);
      drawRates(pen, width, height, { window, top: tops.rate.next(Math.max(into, out)), label: words.rate, ink: ink(), cursor });
    }),
    sharp(trips, (pen, width, height) => {
      const window = series.window(edge());
      drawTrips(pen, width, height, { window, top: tops.trip.next(peaks(window).trip), label: words.duration, ink: ink(), cursor });
    }),
  ];

  replace(
    root,
    el("div", { class: "tool-bar" }, pause, behind),
    trouble,
    cells.node,
    rates,
    el("figure", { class: "chart-figure" },
      el("figcaption", {}, el("span", { class: "chart-key chart-trip" }, t("tools.charts.trips")), el("span", { class: "dim small" }, t("tools.charts.trips.what"))),
      trips,
      el("div", { class: "chart-ages", "aria-hidden": "true" }, ...[5, 4, 3, 2, 1].map((n) => el("span", {}, t("tools.charts.minutes", { n }))), el("span", {}, t("tools.charts.now")))),
    reading,
    table.node,
    inks,
  );

  /** The colours of the moment: a canvas knows no custom properties, and no themes. */
  function ink() {
    const of = (/** @type {string} */ name) => getComputedStyle(inks.querySelector(`.chart-${name}`) ?? root).color;
    return {
      in: of("in"), out: of("out"), trip: of("trip"), grid: of("grid"), text: of("text"), cursor: of("cursor"),
      font: `11px ${getComputedStyle(root).fontFamily}`,
    };
  }

  /** The reading of one second, as it is written below the pictures and read out. @param {number} at */
  function told(at) {
    const rate = series.at(edge() - SECONDS + 1 + at);
    const ago = SECONDS - 1 - at;
    const base = {
      ago: ago === 0 ? t("tools.charts.now") : t("tools.charts.ago", { time: words.duration(ago * 1e9) }),
      in: words.rate(rate.in), out: words.rate(rate.out),
    };
    return rate.trips > 0
      ? t("tools.charts.reading.trips", { ...base, p50: trip(rate.tripP50), max: trip(rate.tripMax) })
      : t("tools.charts.reading", base);
  }

  function draw() {
    const last = edge();
    const window = series.window(last);
    const newest = series.at(last);
    const top = peaks(window);
    cells.show("in", words.rate(newest.in), words.rate(top.in));
    cells.show("out", words.rate(newest.out), words.rate(top.out));
    cells.show("trip", trip(lastTrip(window)), top.trip > 0 ? words.duration(top.trip) : "–");
    // A slider that changes by itself would be read out each second: only where somebody points.
    replace(reading, cursor === null ? t("tools.charts.point") : told(cursor));
    rates.setAttribute("aria-valuenow", String(cursor === null ? 0 : cursor - SECONDS + 1));
    if (cursor !== null || !rates.hasAttribute("aria-valuetext")) rates.setAttribute("aria-valuetext", told(cursor ?? SECONDS - 1));
    behind.textContent = stopped === null ? "" : t("tools.charts.behind", { time: words.duration((live() - stopped) * 1e9) });
    table.show(window);
    for (const picture of pictures) picture.again();
  }

  function toggle() {
    stopped = stopped === null ? live() : null;
    dressPause();
    draw();
  }

  function dressPause() {
    const still = stopped !== null;
    pause.setAttribute("aria-pressed", String(still));
    replace(pause, icon(still ? "play" : "pause"), t(still ? "tools.charts.go-on" : "tools.charts.pause"));
  }

  function figures() {
    /** @type {Record<string, { now: HTMLElement, peak: HTMLElement }>} */
    const made = {};
    const column = (/** @type {string} */ kind) => {
      made[kind] = { now: el("td", {}), peak: el("td", {}) };
      return el("th", { scope: "col", class: `chart-key chart-${kind}` }, t(`tools.charts.${kind === "trip" ? "trips" : kind}`));
    };
    const heads = ["in", "out", "trip"].map(column);
    const row = (/** @type {"now" | "peak"} */ which) =>
      el("tr", {}, el("th", { scope: "row" }, t(`tools.charts.${which}`)), ...Object.values(made).map((cell) => cell[which]));
    return {
      node: el("table", { class: "tool-figures" }, el("thead", {}, el("tr", {}, el("td", {}), ...heads)), el("tbody", {}, row("now"), row("peak"))),
      /** @param {string} kind @param {string} value @param {string} peak */
      show(kind, value, peak) {
        const cell = made[kind];
        if (!cell) return;
        cell.now.textContent = value;
        cell.peak.textContent = peak;
      },
    };
  }

  /** @param {number | null} at */
  function point(at) {
    cursor = at;
    draw();
  }
  for (const canvas of [rates, trips]) {
    canvas.addEventListener("pointermove", (event) => point(secondAt(event.offsetX, SECONDS, canvas.clientWidth)));
    canvas.addEventListener("pointerleave", () => point(null));
  }
  rates.addEventListener("blur", () => point(null));
  rates.addEventListener("keydown", (event) => {
    const steps = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30, Home: -SECONDS, End: SECONDS });
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    point(Math.min(SECONDS - 1, Math.max(0, (cursor ?? SECONDS - 1) + step)));
  });

  async function ask() {
    events = state.runs.get(id)?.events ?? -1;
    try {
      const { second, series: list } = await api.get(`/api/runs/${id}/rates`);
      series.fill(second, list);
      replace(trouble);
    } catch (error) {
      replace(trouble, failed(app, error));
    }
    draw();
  }

  /** The last second before a silence is told of only when it is asked for. */
  async function tick() {
    const run = state.runs.get(id);
    if (run && run.events !== events && live() > series.newest) await ask();
    else draw();
  }

  async function begin() {
    try {
      const { now } = await api.get("/api/about");
      ahead = now - Date.now();
    } catch {
      // Without it, the clocks are taken to agree.
    }
    await ask();
  }

  dressPause();
  draw();
  void begin();
  const offs = [
    state.on("rates", (run, second, rate) => {
      if (run === id) series.add(second, rate);
    }),
    // What went by while nobody was connected is asked for.
    state.on("connected", () => {
      if (state.connected) void ask();
    }),
    every(1000, root, tick),
  ];
  return {
    destroy() {
      for (const off of offs) off();
      for (const picture of pictures) picture.destroy();
    },
  };
}

/** The newest round trip there was. @param {readonly Readonly<import("../../../core/types.js").Rate>[]} window */
function lastTrip(window) {
  return window.findLast(({ tripP50 }) => tripP50 !== null)?.tripP50 ?? null;
}
