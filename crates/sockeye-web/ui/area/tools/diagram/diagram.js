/**
 * The tab "diagram": the sequence diagram of a conversation, drawn by the server and shown as
 * a picture: fitted, zoomed, moved by hand, saved.
 */

import { el, field, icon, replace } from "../../../core/dom.js";
import { conversationChoice } from "../conversation.js";
import { failed, follow } from "../panel.js";
import { bounded, fitted, held, readable } from "./zoom.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 */

const STEP = 1.25;
const SIZES = [100, 500, 2000];

/** @type {import("../../../core/types.js").Mount} */
export function mountDiagram(root, app) {
  return follow(root, app, (body, run) => diagram(body, app, run));
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} first
 */
function diagram(root, app, first) {
  const { words, state, api } = app;
  const { t } = words;
  const { id } = first;
  const choice = conversationChoice(app, () => void draw());
  const most = el("select", { on: { change: () => void draw() }, value: "500" }, ...SIZES.map((n) => el("option", { value: n }, t("tools.diagram.events", { n, count: words.count(n) }))));
  const button = (/** @type {string} */ label, /** @type {Node | string} */ face, /** @type {() => void} */ run) =>
    el("button", { type: "button", class: "button", "aria-label": label, title: label, on: { click: run } }, face);
  const level = el("output", { class: "diagram-level" });
  const said = el("p", { class: "dim small", role: "status" });
  const trouble = el("div", {});
  const picture = el("img", { class: "diagram-picture", draggable: "false", alt: "" });
  const frame = el("div", { class: "diagram-frame", tabindex: "0", role: "group", "aria-label": t("tools.diagram.frame") }, picture);
  const save = el("a", { class: "button", download: "", "aria-label": t("tools.diagram.save"), title: t("tools.diagram.save") }, icon("save"), "SVG");
  let url = "";
  let asked = 0;
  let events = -1;
  let scale = 1;
  /** Nobody has zoomed yet. */
  let fits = true;

  replace(
    root,
    el("div", { class: "tool-bar" }, choice.node, field({ label: t("tools.diagram.most"), control: most })),
    el("div", { class: "tool-bar" },
      button(t("tools.diagram.smaller"), "−", () => zoom(scale / STEP)),
      level,
      button(t("tools.diagram.larger"), "+", () => zoom(scale * STEP)),
      el("button", { type: "button", class: "button", on: { click: fit } }, t("tools.diagram.fit")),
      button(t("tools.diagram.again"), icon("again"), () => void draw()),
      save),
    said, trouble, frame,
  );
  picture.hidden = true;
  save.hidden = true;

  async function draw() {
    const { c } = choice;
    const run = state.runs.get(id);
    if (!run) return;
    if (c === null) {
      said.textContent = t("tools.diagram.silent");
      return;
    }
    asked += 1;
    const mine = asked;
    said.textContent = t("tools.diagram.drawing");
    const now = run.events;
    try {
      const blob = await api.blob(`/api/runs/${id}/diagram`, { c, most: most.value });
      if (mine !== asked) return;
      replace(trouble);
      events = now;
      show(blob, c);
    } catch (error) {
      if (mine === asked) replace(trouble, failed(app, error));
    }
    if (mine === asked) said.textContent = "";
  }

  /** @param {Blob} blob @param {number} c */
  function show(blob, c) {
    const old = url;
    url = URL.createObjectURL(new Blob([blob], { type: "image/svg+xml" }));
    picture.addEventListener("load", () => {
      if (old) URL.revokeObjectURL(old);
      picture.hidden = false;
      if (fits) begin();
      else zoom(scale);
    }, { once: true });
    picture.alt = t("tools.diagram.picture", { c });
    picture.src = url;
    save.hidden = false;
    save.href = url;
    save.download = `sockeye-${id}-${c}.svg`;
  }

  function begin() {
    set(readable(picture.naturalWidth, frame.clientWidth - 2));
  }

  function fit() {
    fits = false;
    set(fitted(picture.naturalWidth, frame.clientWidth - 2));
  }

  /** @param {number} next @param {number} [x] @param {number} [y] what stays in place, from the frame's corner */
  function zoom(next, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
    fits = false;
    const [from, left, top] = [scale, frame.scrollLeft, frame.scrollTop];
    set(bounded(next));
    frame.scrollLeft = held(left, x, from, scale);
    frame.scrollTop = held(top, y, from, scale);
  }

  /** @param {number} next */
  function set(next) {
    scale = next;
    picture.style.setProperty("width", `${picture.naturalWidth * scale}px`);
    level.textContent = `${Math.round(scale * 100)}%`;
  }

  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const at = frame.getBoundingClientRect();
    zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });
  frame.addEventListener("keydown", (event) => {
    const does = /** @type {Record<string, () => void>} */ ({ "+": () => zoom(scale * STEP), "=": () => zoom(scale * STEP), "-": () => zoom(scale / STEP), 0: fit, 1: () => zoom(1) });
    const run = does[event.key];
    if (!run || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run();
  });
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    frame.setPointerCapture(event.pointerId);
    const from = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
    const move = (/** @type {PointerEvent} */ now) => frame.scrollTo(from.x - now.clientX, from.y - now.clientY);
    frame.addEventListener("pointermove", move);
    frame.addEventListener("lostpointercapture", () => frame.removeEventListener("pointermove", move), { once: true });
  });
  const sizes = new ResizeObserver(() => {
    if (fits && !picture.hidden) begin();
  });
  sizes.observe(frame);

  /** @param {Run} run */
  function changed(run) {
    choice.changed(run);
    const since = run.events - events;
    // Drawn again only when asked for: a picture that moves cannot be read.
    if (events >= 0 && since > 0) said.textContent = t("tools.since", { n: since, count: words.count(since) });
  }

  changed(first);
  if (choice.c === null) said.textContent = t("tools.diagram.silent");
  return {
    changed,
    destroy() {
      sizes.disconnect();
      asked += 1;
      if (url) URL.revokeObjectURL(url);
    },
  };
}
