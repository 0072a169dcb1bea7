/**
 * How a run came to its end, over the foot: what failed and what to do next, or who closed it. Nothing while it runs.
 */

import { el, replace } from "../../core/dom.js";
import { shown } from "../../core/text.js";

/** @typedef {import("../../core/types.js").Run} Run */

/** @param {import("../../core/types.js").Words} words */
export function createEnding(words) {
  const node = el("div", { class: "stream-ending", role: "status", hidden: true });
  let drawn = "";

  return {
    node,
    /** @param {Run | undefined} run @param {boolean} empty no row stands over it: there is said what failed */
    tell(run, empty) {
      const { error: failed = null, closing = null } = run?.state === "ended" ? run : {};
      const error = empty ? null : failed;
      const now = JSON.stringify([error, closing]);
      if (now === drawn) return;
      drawn = now;
      node.hidden = !error && (!closing || failed !== null);
      node.classList.toggle("trouble", error !== null);
      const { title, text, hint } = error ? words.error(error) : { title: "", text: words.said(closing ?? ""), hint: null };
      replace(node, title && el("strong", null, title), el("span", null, shown(text)), hint && el("span", { class: "dim" }, shown(hint)));
    },
  };
}
