/**
 * "Disconnected": over the bar, so that nothing below it moves. Gone by itself when the line is back.
 */

import { el, icon, replace } from "../../core/dom.js";

/**
 * @param {HTMLElement} bar
 * @param {import("../../core/types.js").App} app
 * @param {import("./mount.js").Line} line
 */
export function mountBanner(bar, app, line) {
  const { state, words } = app;
  const when = el("span", { "aria-live": "off" });
  const banner = el("div", { id: "banner", role: "alert", hidden: true });
  bar.append(banner);
  let tick = 0;

  function count() {
    const next = line.nextAttempt();
    const seconds = next === null ? 0 : Math.ceil((next - Date.now()) / 1000);
    const text = seconds > 0 ? words.t("shell.banner.in", { n: seconds }) : words.t("shell.banner.trying");
    if (when.textContent !== text) when.textContent = text;
  }

  function draw() {
    const away = !state.connected && line.nextAttempt() !== null;
    if (away === !banner.hidden) return count();
    banner.hidden = !away;
    clearInterval(tick);
    if (!away) return;
    replace(
      banner,
      icon("alert"),
      el("p", { class: "cut" }, el("strong", null, words.t("shell.banner.title")), " ", words.t("shell.banner.text"), " ", when),
      el("button", { type: "button", class: "button small", on: { click: line.tryNow } }, words.t("shell.banner.now")),
    );
    count();
    tick = window.setInterval(count, 500);
  }

  const off = state.on("connected", draw);
  document.addEventListener("sockeye-attempt", draw);
  draw();
  return {
    destroy() {
      clearInterval(tick);
      off();
      document.removeEventListener("sockeye-attempt", draw);
    },
  };
}
