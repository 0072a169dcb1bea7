/**
 * The inspector: its tabs, and that it opens on a selection. What is in a tab is its area's.
 */

import { el, icon, replace } from "../../core/dom.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Tab} Tab */

/** Outlives a remount: another language shows the same tab. */
let chosen = "bytes";

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {{bytes: import("../../core/types.js").Mount | null, tabs: Tab[]}} from
 */
export function mountInspector(root, app, { bytes, tabs }) {
  const { state, words } = app;
  /** @type {Tab[]} */
  const all = [...(bytes ? [{ id: "bytes", label: "shell.look.bytes", mount: bytes }] : []), ...tabs];
  const list = el("div", { class: "tabs", role: "tablist", "aria-label": words.t("shell.look") });
  const close = el(
    "button",
    { type: "button", class: "button quiet small only", "aria-label": words.t("shell.look.close"), title: words.t("shell.look.close"), on: { click: () => shut() } },
    icon("close"),
  );
  const body = el("div", { class: "inspector-body", role: "tabpanel", id: "inspector-panel", tabindex: "-1" });
  replace(root, el("div", { class: "inspector-head" }, list, close), body);
  /** @type {{id: string, area: import("../../core/types.js").Mounted} | null} */
  let mounted = null;

  /** The tabs that say something of this run. */
  const fit = () => all.filter((tab) => !tab.when || tab.when(state.runs.get(state.current ?? -1) ?? null));

  function draw() {
    const fits = fit();
    const now = fits.find((tab) => tab.id === chosen) ?? fits[0];
    const names = fits.map((tab) => tab.id).join();
    if (list.dataset.names !== names) {
      list.dataset.names = names;
      replace(list, fits.map((tab) => el("button", { type: "button", role: "tab", id: `tab-${tab.id}`, data: { id: tab.id }, "aria-controls": "inspector-panel" }, words.t(tab.label))));
    }
    for (const button of list.querySelectorAll("button")) {
      const here = button.dataset.id === now?.id;
      button.setAttribute("aria-selected", String(here));
      button.tabIndex = here ? 0 : -1;
    }
    const wanted = root.hidden ? undefined : now;
    if (mounted?.id === wanted?.id) return;
    mounted?.area.destroy();
    mounted = null;
    replace(body);
    if (!wanted) return;
    body.setAttribute("aria-labelledby", `tab-${wanted.id}`);
    // A root of its own: what an area sets on it goes with it.
    const place = el("div", { class: "inspector-tab", data: { tab: wanted.id } });
    body.append(place);
    mounted = { id: wanted.id, area: wanted.mount(place, app) };
  }

  /** @param {string} id */
  function choose(id) {
    chosen = id;
    draw();
    list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function shut() {
    root.hidden = true;
    // So that the next selection opens it again.
    state.select(null);
    draw();
    root.dispatchEvent(new CustomEvent("sockeye-look", { bubbles: true }));
  }

  /** @param {string} [tab] without a name the last one; an empty name: closed */
  app.look = (tab) => {
    if (tab === "") return shut();
    root.hidden = false;
    choose(tab ?? chosen);
    root.dispatchEvent(new CustomEvent("sockeye-look", { bubbles: true, detail: { asked: true } }));
  };

  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.id) choose(button.dataset.id);
  });
  list.addEventListener("keydown", (event) => {
    const ids = fit().map((tab) => tab.id);
    const at = ids.findIndex((id) => list.querySelector("[aria-selected=true]")?.id === `tab-${id}`);
    /** @type {Record<string, number>} */
    const goes = { ArrowRight: (at + 1) % ids.length, ArrowLeft: (at + ids.length - 1) % ids.length, Home: 0, End: ids.length - 1 };
    const id = event.key in goes ? ids[goes[event.key]] : undefined;
    if (id === undefined) return;
    event.preventDefault();
    choose(id);
    /** @type {HTMLElement | null} */ (list.querySelector("[aria-selected=true]"))?.focus();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) shut();
  });

  const off = [
    state.on("selection", () => {
      if (!state.selection) return;
      const wasOpen = !root.hidden;
      root.hidden = false;
      if (!wasOpen) choose("bytes");
      root.dispatchEvent(new CustomEvent("sockeye-look", { bubbles: true }));
    }),
    state.on("current", draw),
    state.on("run", (id) => id === state.current && draw()),
  ];
  draw();

  return {
    destroy() {
      for (const one of off) one();
      mounted?.area.destroy();
      mounted = null;
    },
  };
}
