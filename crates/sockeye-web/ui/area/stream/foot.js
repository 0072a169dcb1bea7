/**
 * The line under the stream: how much there was, what is not drawn, what is hidden, what failed.
 */

import { el, icon } from "../../core/dom.js";

/**
 * @param {import("../../core/types.js").Words} words
 * @param {{reset: () => void, unclear: () => void, end: () => void}} act
 */
export function createFoot(words, act) {
  const { t } = words;
  const counts = el("span", { class: "foot-counts number" });
  const reset = el("button", { type: "button", class: "button quiet small", title: t("stream.reset.what"), on: { click: act.reset } }, t("stream.reset"));
  const said = el("span", { class: "foot-said number cut", role: "status" });
  const undo = el("button", { type: "button", class: "link", on: { click: act.unclear } }, t("stream.clear.undo"));
  const cleared = el("span", { class: "cleared", hidden: true }, t("stream.cleared"), " ", undo);
  const node = el("div", { class: "stream-foot" }, counts, reset, el("span", { class: "spread" }), said, cleared);
  const news = el("button", { type: "button", class: "button stream-news", hidden: true, on: { click: act.end } });
  let drawn = "";

  return {
    node,
    news,
    /**
     * @param {{
     *   counts: {events: number, in: number, out: number},
     *   passed: number, rushing: boolean, fresh: number, paused: boolean, cleared: boolean,
     *   shown: number, narrowed: boolean, searched: number, events: number, forgotten: number, trouble: string | null,
     * }} now `fresh`: rows below that came since the end was left
     */
    tell(now) {
      counts.textContent = t("stream.counts", {
        n: now.counts.events, events: words.count(now.counts.events), in: words.size(now.counts.in), out: words.size(now.counts.out),
      });
      const list = [
        now.trouble,
        now.rushing ? t("stream.rushing", { n: now.passed, passed: words.count(now.passed) }) : null,
        now.searched < now.events ? t("stream.search.searched", { searched: words.count(now.searched), events: words.count(now.events) }) : null,
        now.narrowed ? t("stream.shown", { n: now.shown, shown: words.count(now.shown) }) : null,
        now.forgotten > 0 ? t("stream.forgotten", { n: now.forgotten, forgotten: words.count(now.forgotten) }) : null,
      ];
      const text = list.filter(Boolean).join(" · ");
      if (said.textContent !== text) said.textContent = text;
      said.classList.toggle("wrong", now.trouble !== null);
      cleared.hidden = !now.cleared;
      const key = now.paused ? "stream.paused" : "stream.news";
      const label = now.fresh > 0 || now.paused ? t(key, { n: now.fresh, fresh: words.count(now.fresh) }) : "";
      news.hidden = label === "";
      if (label === drawn) return;
      drawn = label;
      news.replaceChildren(icon(now.paused ? "play" : "save"), label);
    },
  };
}
