/**
 * One row of the list, drawn once and then kept true: what did not change is not touched, so that neither
 * the focus nor a pointer on it is lost.
 */

import { el, icon, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { called } from "./called.js";
import { standing } from "./rows.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("./rows.js").Item} Item */
/** @typedef {{node: HTMLElement, update: (item: Item) => void}} Drawn */

/**
 * @param {Node} node
 * @param {string} text
 */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {HTMLElement} node
 * @param {string} name
 */
function sign(node, name) {
  if (node.dataset.sign === name) return;
  node.dataset.sign = name;
  replace(node, icon(name));
}

/**
 * @param {HTMLElement} node
 * @param {string} name
 * @param {string} value
 */
function mark(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * @param {App} app
 * @param {Item} item
 * @returns {Drawn}
 */
export function draw(app, item) {
  if (item.type === "run") return run(app);
  return item.type === "conversation" ? conversation(app) : more(app);
}

/**
 * @param {App} app
 * @param {string} deed
 * @param {string} name
 * @param {string} key
 */
function button(app, deed, name, key) {
  return el("button", { type: "button", class: "button quiet small only", tabindex: "-1", data: { deed }, "aria-label": app.words.t(key), title: app.words.t(key) }, icon(name));
}

/**
 * @param {App} app
 * @returns {Drawn}
 */
function run(app) {
  const { words } = app;
  const fold = el("span", { class: "fold", data: { deed: "fold" }, "aria-hidden": true }, icon("chevron"));
  const state = el("span", { class: "sign" });
  const name = el("span", { class: "name cut" });
  const kind = el("span", { class: "does" });
  const detail = el("span", { class: "cut" });
  const count = el("span", { class: "number" });
  const again = button(app, "again", "again", "conversations.again");
  const node = el(
    "div",
    { class: "item run", role: "treeitem", "aria-level": 1 },
    el("div", { class: "line" }, fold, state, name, again, button(app, "menu", "menu", "conversations.deeds")),
    el("div", { class: "line second" }, kind, detail, count),
  );
  return {
    node,
    update(item) {
      if (item.type !== "run") return;
      const { run: one } = item;
      const { sign: shape, key } = standing(one);
      const title = called(one, words);
      const endpoint = one.endpoint ? shown(one.endpoint) : "";
      const wrong = one.error ? words.error(one.error).title : null;
      sign(state, shape);
      say(name, title);
      say(kind, words.t(`conversations.do.${one.do}`));
      const plain = one.state === "open" && (one.accepting || one.do !== "listen");
      const local = one.do === "connect" && one.conversations.length === 1 ? one.conversations[0]?.local : "";
      // TCP is what is meant where no scheme is written: so short that it fits.
      const where = endpoint !== title ? endpoint.replace(/^tcp:\/\//, "") : local ? words.t("conversations.from", { local: shown(local) }) : "";
      say(detail, (wrong ?? (plain ? "" : words.t(key))) || where);
      detail.classList.toggle("wrong", wrong !== null || one.interrupted);
      say(count, one.events > 0 ? words.count(one.events) : "");
      count.title = words.t("conversations.events", { n: one.events, count: words.count(one.events) });
      again.hidden = one.state !== "ended" || one.do === "tape" || !app.state.may("act");
      fold.classList.toggle("none", !item.expandable);
      node.classList.toggle("over", one.state === "ended");
      node.title = endpoint && endpoint !== title ? `${title}\n${endpoint}` : title;
      if (item.expandable) mark(node, "aria-expanded", String(item.expanded));
      else node.removeAttribute("aria-expanded");
      mark(node, "aria-label", [title, words.t(`conversations.do.${one.do}`), words.t(key), wrong, one.open > 0 && item.expandable ? words.t("conversations.callers", { n: one.open }) : null].filter(Boolean).join(", "));
    },
  };
}

/**
 * @param {App} app
 * @returns {Drawn}
 */
function conversation(app) {
  const { words } = app;
  const state = el("span", { class: "sign", data: { deed: "more" }, title: words.t("conversations.more") });
  const number = el("span", { class: "number-of" });
  const peer = el("span", { class: "peer cut" });
  const came = el("span", { class: "bytes number" });
  const node = el(
    "div",
    { class: "item conversation", role: "treeitem", "aria-level": 2 },
    el("div", { class: "line" }, state, number, peer, came, button(app, "menu", "menu", "conversations.deeds")),
  );
  return {
    node,
    update(item) {
      if (item.type !== "conversation") return;
      const { conversation: one } = item;
      const who = shown(one.peer || one.local);
      sign(state, one.open ? "open" : "shut");
      say(number, one.pair === null ? `#${one.c}` : `#${one.c}⇄${one.pair}`);
      say(peer, who);
      say(came, words.size(one.in + one.out));
      node.classList.toggle("over", !one.open);
      const why = one.close ? shown([one.close.how, one.close.why].filter(Boolean).join(", ")) : "";
      node.title = [who, `← ${words.size(one.in)} → ${words.size(one.out)}`, one.open ? words.t("conversations.state.open") : words.t("conversations.state.ended"), why].filter(Boolean).join(" · ");
      mark(
        node,
        "aria-label",
        words.t("conversations.heard", { c: one.c, peer: who, state: words.t(one.open ? "conversations.state.open" : "conversations.state.ended"), in: words.size(one.in), out: words.size(one.out) }),
      );
    },
  };
}

/**
 * @param {App} app
 * @returns {Drawn}
 */
function more(app) {
  const text = el("span", null);
  const node = el("div", { class: "item more", role: "treeitem", "aria-level": 2 }, el("div", { class: "line" }, text));
  return {
    node,
    update(item) {
      if (item.type === "more") say(text, app.words.t(`conversations.more-${item.what}`, { n: item.n, count: app.words.count(item.n) }));
    },
  };
}
