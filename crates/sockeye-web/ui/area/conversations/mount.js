/**
 * The list at the left: every run, the callers under it, how each stands, and what is shown of them.
 */

import { el, icon, menu, replace } from "../../core/dom.js";
import { again, demo, end, forget, forgetEnded, ofConversation, ofRun, rename } from "./deeds.js";
import { draw as drawItem } from "./item.js";
import { STEP, listed, narrowed } from "./rows.js";
import { walkTree } from "./tree.js";

/** @typedef {import("./rows.js").Item} Item */

/** Outlives a remount: another language unfolds nothing. @type {import("./rows.js").Unfolding} */
const unfolding = { folded: new Set(), most: new Map() };

/** @type {import("../../core/types.js").Mount} */
export function mount(root, app) {
  const { state, words } = app;
  const { t } = words;
  const may = state.may("act");
  /** @type {Map<string, import("./item.js").Drawn>} */
  const drawn = new Map();
  /** @type {Item[]} */
  let items = [];
  let planned = 0;

  const tree = el("div", { class: "tree", role: "tree", "aria-label": t("shell.conversations"), "aria-multiselectable": true });
  const counts = el("p", { class: "counts small dim", "aria-live": "off" });
  const nothing = el("div", { class: "empty" });
  const clear = el("button", { type: "button", class: "button quiet small", on: { click: () => void forgetEnded(app) } }, t("conversations.forget-ended…"));
  const narrow = el("div", { class: "narrowed", hidden: true });
  replace(
    root,
    el(
      "div",
      { class: "conversations" },
      el(
        "header",
        { class: "conversations-head" },
        el("h2", null, t("shell.conversations")),
        el("button", { type: "button", class: "button small", disabled: !may, title: may ? null : t("shell.only-look.what"), on: { click: () => app.open() } }, icon("add"), t("conversations.open")),
      ),
      el("div", { class: "tree-place" }, tree, nothing),
      narrow,
      el("footer", { class: "conversations-foot" }, counts, clear),
    ),
  );

  /** @param {string | undefined} key */
  const itemOf = (key) => items.find((item) => item.key === key);
  /** @param {EventTarget | null} target */
  const nodeOf = (target) => (target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[role=treeitem]")) : null);

  function plan() {
    // One drawing a frame, however much news there is.
    planned ||= requestAnimationFrame(() => {
      planned = 0;
      draw();
    });
  }

  function draw() {
    items = listed(state.runs.values(), unfolding);
    const keys = new Set(items.map((item) => item.key));
    for (const [key, one] of drawn) {
      if (keys.has(key)) continue;
      if (one.node.contains(document.activeElement)) refocus(one.node);
      one.node.remove();
      drawn.delete(key);
    }
    /** @type {Element | null} */
    let before = tree.firstElementChild;
    for (const item of items) {
      let one = drawn.get(item.key);
      if (!one) {
        one = drawItem(app, item);
        one.node.dataset.key = item.key;
        one.node.tabIndex = -1;
        drawn.set(item.key, one);
      }
      one.update(item);
      choose(one.node, item);
      if (one.node === before) before = before.nextElementSibling;
      else tree.insertBefore(one.node, before);
    }
    if (!tree.querySelector("[tabindex='0']")) tree.querySelector("[role=treeitem]")?.setAttribute("tabindex", "0");
    foot();
  }

  /** @param {HTMLElement} gone the focus goes to its neighbour */
  function refocus(gone) {
    const next = gone.nextElementSibling ?? gone.previousElementSibling;
    if (next instanceof HTMLElement) {
      next.tabIndex = 0;
      next.focus();
    }
  }

  /**
   * @param {HTMLElement} node
   * @param {Item} item
   */
  function choose(node, item) {
    const here = item.run.id === state.current;
    const all = state.conversations.size === 0;
    const chosen = here && (item.type === "run" ? all : item.type === "conversation" && state.conversations.has(item.conversation.c));
    if (node.getAttribute("aria-selected") !== String(chosen)) node.setAttribute("aria-selected", String(chosen));
    node.classList.toggle("current", here);
    node.classList.toggle("narrow", here && !all);
  }

  function foot() {
    const runs = [...state.runs.values()];
    const open = runs.filter((run) => run.state !== "ended").length;
    tree.hidden = runs.length === 0;
    nothing.hidden = runs.length > 0;
    const said = runs.length > 0 ? t("conversations.counts", { open, ended: runs.length - open }) : "";
    if (counts.textContent !== said) counts.textContent = said;
    clear.hidden = !may || runs.length === open;
    const some = state.conversations.size;
    const key = some > 0 ? [...state.conversations].join() : "";
    narrow.hidden = some === 0;
    if (narrow.dataset.key === key) return;
    narrow.dataset.key = key;
    replace(
      narrow,
      el("span", { class: "cut" }, t("conversations.narrowed", { n: some, list: [...state.conversations].slice(0, 5).map((c) => `#${c}`).join(" ") })),
      el("button", { type: "button", class: "button quiet small", on: { click: () => state.show(state.current) } }, t("conversations.all")),
    );
  }

  /**
   * @param {Item} item
   * @param {boolean} more to what is shown already
   */
  function show(item, more) {
    if (item.type === "more") {
      if (item.what === "unlisted") return;
      const place = `${item.run.id} ${item.what}`;
      unfolding.most.set(place, (unfolding.most.get(place) ?? STEP[item.what]) + 100);
      return plan();
    }
    const now = state.current === item.run.id ? state.conversations : new Set();
    if (item.type === "run") state.show(item.run.id);
    else state.show(item.run.id, narrowed(item.run, now, item.conversation.c, more));
  }

  /**
   * @param {Item} item
   * @param {boolean} [folded]
   */
  function fold(item, folded = !unfolding.folded.has(item.run.id)) {
    if (folded) unfolding.folded.add(item.run.id);
    else unfolding.folded.delete(item.run.id);
    draw();
  }

  // One hidden button carries every row's menu: it is laid over the row's own before it opens.
  const handle = el("button", { type: "button", class: "menu-handle", tabindex: "-1", "aria-hidden": true });
  /** @type {Item | null} */
  let asked = null;
  const openMenu = menu(handle, () => {
    if (!asked || asked.type === "more") return [];
    const item = asked;
    if (item.type === "run") return ofRun(app, item.run);
    return ofConversation(app, item.run, item.conversation, { only: () => show(item, false), more: () => show(item, true) });
  });
  root.append(handle);
  handle.addEventListener("focus", () => {
    // The menu gives the focus back to its button; the row is what the user was at.
    const node = asked && drawn.get(asked.key)?.node;
    if (node) node.focus();
  });

  /**
   * @param {Item} item
   * @param {HTMLElement} node
   * @param {{clientX: number, clientY: number} | null} at
   */
  function deeds(item, node, at) {
    asked = item;
    const box = (node.querySelector("[data-deed=menu]") ?? node).getBoundingClientRect();
    handle.style.setProperty("left", `${at ? at.clientX : box.left}px`);
    handle.style.setProperty("top", `${at ? at.clientY - 4 : box.top}px`);
    handle.style.setProperty("height", `${at ? 0 : box.height}px`);
    openMenu();
  }

  tree.addEventListener("click", (event) => {
    const node = nodeOf(event.target);
    const item = itemOf(node?.dataset.key);
    if (!node || !item) return;
    for (const other of tree.querySelectorAll("[tabindex='0']")) /** @type {HTMLElement} */ (other).tabIndex = -1;
    node.tabIndex = 0;
    const deed = event.target instanceof Element ? event.target.closest("[data-deed]")?.getAttribute("data-deed") : null;
    if (deed === "menu") return deeds(item, node, null);
    node.focus();
    if (deed === "fold" && item.type === "run" && item.expandable) return fold(item);
    if (deed === "again") return void again(app, item.run);
    show(item, deed === "more" || event.ctrlKey || event.metaKey || event.shiftKey);
  });
  tree.addEventListener("contextmenu", (event) => {
    const node = nodeOf(event.target);
    const item = itemOf(node?.dataset.key);
    if (!node || !item || item.type === "more") return;
    event.preventDefault();
    deeds(item, node, event.clientX > 0 ? event : null);
  });
  tree.addEventListener("dblclick", (event) => {
    const item = itemOf(nodeOf(event.target)?.dataset.key);
    const onDeed = event.target instanceof Element && event.target.closest("[data-deed]");
    if (item?.type === "run" && may && !onDeed) void rename(app, item.run);
  });
  walkTree(tree, {
    show: (node, more) => {
      const item = itemOf(node.dataset.key);
      if (item) show(item, more);
    },
    fold: (node, folded) => {
      const item = itemOf(node.dataset.key);
      if (item) fold(item, folded);
    },
    menu: (node) => {
      const item = itemOf(node.dataset.key);
      if (item && item.type !== "more") deeds(item, node, null);
    },
    rename: (node) => {
      const item = itemOf(node.dataset.key);
      if (item?.type === "run" && may) void rename(app, item.run);
    },
    remove: (node) => {
      const item = itemOf(node.dataset.key);
      if (item?.type !== "run" || !may) return;
      void (item.run.state === "ended" ? forget(app, item.run) : end(app, item.run));
    },
  });

  replace(
    nothing,
    el("h3", null, t("conversations.none")),
    el("p", null, t(may ? "conversations.none.text" : "shell.welcome.looking")),
    may && el("button", { type: "button", class: "button", on: { click: () => void demo(app) } }, icon("play"), t("shell.welcome.demo")),
  );

  const off = [
    state.on("runs", plan),
    state.on("run", plan),
    state.on("grew", plan),
    state.on("current", () => {
      draw();
      const shownKey = `run ${state.current}`;
      // Who comes by Tab comes to what is shown.
      if (!tree.contains(document.activeElement)) for (const [key, { node }] of drawn) node.tabIndex = key === shownKey ? 0 : -1;
      drawn.get(shownKey)?.node.scrollIntoView({ block: "nearest" });
    }),
  ];
  draw();
  return {
    destroy() {
      cancelAnimationFrame(planned);
      for (const one of off) one();
    },
  };
}
