/**
 * What would go out, as the server says it: so many bytes, the first of them in hex, or what is wrong and at which
 * character. It asks when the typing rests, and shows only the answer to the last question.
 */

import { el, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { message } from "./message.js";
import { place } from "./place.js";
import { isNothing } from "./refusal.js";

/** @typedef {import("./message.js").Writing} Writing */
/** @typedef {import("./desk.js").Desk} Desk */

const REST = 120;
/** Long texts travel to the server and back at each rest: they get a longer one. */
const LONG = 64 * 1024;
const LONG_REST = 700;

/**
 * @param {Desk} desk
 * @param {{wrong?: (field: string | null) => void, go?: (offset: number, length: number) => void, idle?: string}} [more]
 *   `wrong`: which option the server found fault with; `go`: select the fault in the field
 */
export function createPreview(desk, { wrong, go, idle = "" } = {}) {
  const { t, app } = desk;
  const node = el("div", { class: "composer-preview", role: "status", "aria-live": "off" });
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {boolean} bad @param {...import("../../core/types.js").Child} parts */
  function show(bad, ...parts) {
    node.classList.toggle("bad", bad);
    node.setAttribute("aria-live", bad ? "polite" : "off");
    replace(node, ...parts);
  }

  /** @param {Writing} writing */
  async function ask(writing) {
    asked += 1;
    const mine = asked;
    try {
      const { bytes, hex } = await app.api.post(desk.path("preview"), { to: desk.to(), message: message(writing) });
      if (mine !== asked) return;
      wrong?.(null);
      const written = spaced(hex);
      const more = bytes > written.length / 3 + 1 ? " …" : "";
      show(false, el("b", null, app.words.size(bytes)), " ", el("code", null, `${written}${more}`));
    } catch (error) {
      if (mine === asked) fail(error, writing);
    }
  }

  /** @param {unknown} error @param {Writing} writing */
  function fail(error, writing) {
    const { text, hint } = app.words.error(error);
    const field = /** @type {{field?: string | null}} */ (error).field ?? null;
    wrong?.(field);
    const found = field && field !== "data" && field !== "message" ? null : place(writing.data, text);
    const excerpt = found && [
      el(
        "code",
        { class: "composer-excerpt" },
        shown(found.before),
        el("mark", null, shown(found.at) || "␣"),
        shown(found.after),
      ),
      " ",
    ];
    const button =
      found &&
      go &&
      el("button", { type: "button", class: "link", on: { click: () => go(found.offset, found.length) } }, t("composer.go"));
    show(
      true,
      excerpt,
      el("span", null, shown(text)),
      hint && !found ? el("span", { class: "composer-hint" }, ` ${hint}`) : null,
      button && [" ", button],
    );
  }

  return {
    node,
    /** @param {Writing} writing */
    of(writing) {
      clearTimeout(timer);
      const run = desk.run();
      const off = desk.refusal() !== null;
      if (!run || off || isNothing(run, writing)) {
        asked += 1;
        wrong?.(null);
        return show(false, el("span", { class: "composer-hint" }, off ? "" : idle));
      }
      timer = setTimeout(() => void ask(writing), writing.data.length > LONG ? LONG_REST : REST);
    },
    destroy() {
      clearTimeout(timer);
      asked += 1;
    },
  };
}

/** Hex with a space between bytes, however the server writes it. @param {string} hex */
function spaced(hex) {
  return hex.includes(" ") ? hex : hex.replace(/..(?=.)/g, "$& ");
}
