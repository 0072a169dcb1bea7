/**
 * The bar over the stream: how rows are shown, by which framing, what is left out, what is looked for. It keeps
 * nothing; it says what is chosen and hands on what the user chooses.
 */

import { el, icon, unique } from "../../core/dom.js";

/** @typedef {import("../../core/types.js").App} App */
/** @typedef {import("../../core/types.js").Run} Run */
/** After the last letter of a framing. */
const TYPED = 350;

/**
 * @param {App} app
 * @param {{
 *   lens: (frame: string) => void,
 *   encode: (encoding: string) => void,
 *   act: Record<"pause" | "clear" | "follow", () => void>,
 *   parts: {search: HTMLElement, filter: Node[], save: HTMLElement},
 * }} with
 */
export function createBar(app, { lens, encode, act, parts }) {
  const { settings, state, words } = app;
  const { t } = words;
  const offs = /** @type {(() => void)[]} */ ([]);

  /**
   * @template {"by" | "view"} N
   * @param {N} name
   * @param {import("../../core/types.js").SettingValues[N][]} values
   */
  function choices(name, values) {
    const buttons = values.map((value) =>
      el("button", { type: "button", title: t(`stream.${name}.${value}.what`), on: { click: () => settings.set(name, value) } }, t(`stream.${name}.${value}`)),
    );
    const mark = () => buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(values[at] === settings.get(name))));
    offs.push(settings.on(name, mark));
    mark();
    return el("div", { class: "choices", role: "group", "aria-label": t(`stream.${name}`) }, buttons);
  }

  const time = el(
    "select",
    { "aria-label": t("stream.time"), title: t("stream.time"), on: { change: () => settings.set("time", /** @type {any} */ (time.value)) } },
    ["clock", "since", "delta", "off"].map((value) => el("option", { value }, t(`stream.time.${value}`))),
  );
  time.value = settings.get("time");
  offs.push(settings.on("time", (value) => (time.value = value)));

  const encoding = el("select", { class: "encoding", "aria-label": t("stream.encoding"), title: t("stream.encoding.what"), on: { change: () => encode(encoding.value) } });

  let timer = 0;
  const known = el("datalist", { id: unique("framings") });
  const framing = el("input", {
    class: "mono", "aria-label": t("stream.lens"), title: t("stream.lens.what"), list: known.id, spellcheck: "false", autocomplete: "off",
    on: {
      input: () => (window.clearTimeout(timer), (timer = window.setTimeout(framed, TYPED))),
      change: framed,
      keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && ((framing.value = ""), framed()),
    },
  });
  const wrong = el("p", { class: "lens-error", id: unique("lens"), role: "status" });
  framing.setAttribute("aria-describedby", wrong.id);

  function framed() {
    window.clearTimeout(timer);
    lens(framing.value.trim());
  }

  const look = el(
    "div",
    { class: "stream-look", id: unique("look") },
    choices("by", ["reads", "frames"]),
    el("label", { class: "lens" }, el("span", { "aria-hidden": true }, "⟦ ⟧"), framing, known, wrong),
    choices("view", ["auto", "text", "hex", "both"]),
    time,
    encoding,
  );
  const more = el(
    "button",
    { type: "button", class: "button quiet small stream-more", "aria-expanded": "false", "aria-controls": look.id, on: { click: unfold } },
    icon("settings"),
    t("stream.look"),
  );
  function unfold() {
    const open = node.classList.toggle("unfolded");
    more.setAttribute("aria-expanded", String(open));
  }

  const deed = (/** @type {"pause" | "clear" | "follow"} */ name, /** @type {string} */ drawn) =>
    el("button", { type: "button", class: "button quiet small", title: t(`stream.${name}.what`), on: { click: act[name] } }, icon(drawn), el("span", { class: "word" }, t(`stream.${name}`)));
  const pause = deed("pause", "pause");
  const clear = deed("clear", "remove");
  const follow = deed("follow", "save");
  follow.classList.add("follow");
  const find = el("div", { class: "stream-find" }, more, parts.filter, parts.search, el("div", { class: "deeds" }, pause, clear, follow, parts.save));
  const node = el("div", { class: "stream-bar" }, look, find);

  return {
    node,
    /** What can be suggested, of the run that is shown. */
    suggest() {
      known.replaceChildren(...state.about.framings.map((one) => el("option", { value: one.write }, t(one.what))));
      encoding.replaceChildren(...state.about.encodings.map((one) => el("option", { value: one }, one === "auto" ? t("stream.encoding.auto") : one)));
    },
    /**
     * @param {{run: Run | undefined, lens: string, encoding: string, paused: boolean, following: boolean}} now
     */
    tell(now) {
      framing.placeholder = now.run?.frame ?? t("stream.lens.none");
      if (document.activeElement !== framing && !timer) framing.value = now.lens;
      if (encoding.value !== now.encoding) {
        if (![...encoding.options].some((one) => one.value === now.encoding)) encoding.append(el("option", { value: now.encoding }, now.encoding));
        encoding.value = now.encoding;
      }
      pause.setAttribute("aria-pressed", String(now.paused));
      follow.setAttribute("aria-pressed", String(now.following));
    },
    /** @param {string | null} said */
    wrong(said) {
      timer = 0;
      wrong.textContent = said ?? "";
      if (said) framing.setAttribute("aria-invalid", "true");
      else framing.removeAttribute("aria-invalid");
    },
    destroy: () => offs.forEach((off) => off()),
  };
}
