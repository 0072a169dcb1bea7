/**
 * The page of somebody who has no token yet: a launch link, or a password where the server has one.
 */

import { codeIn } from "../../core/entry.js";
import { el, field, replace, setError } from "../../core/dom.js";
import { brand } from "./brand.js";

/**
 * @param {HTMLElement} root
 * @param {{
 *   words: import("../../core/types.js").Words,
 *   settings: import("../../core/types.js").Settings,
 *   why: string | null,
 *   enter: (proof: {code: string} | {password: string}) => Promise<void>,
 * }} from
 */
export function mountEntry(root, { words, settings, why, enter }) {
  const { t } = words;
  let way = "code";

  function draw() {
    const input = el("input", {
      type: way === "code" ? "text" : "password",
      class: way === "code" ? "mono" : "",
      autocomplete: way === "code" ? "off" : "current-password",
      spellcheck: "false",
      autocapitalize: "off",
      placeholder: way === "code" ? "http://127.0.0.1:7626/#…" : null,
    });
    const box = field({ label: t(`shell.entry.${way}`), hint: t(`shell.entry.${way}.hint`), control: input });
    const button = el("button", { class: "button primary", type: "submit" }, t("shell.entry.enter"));

    /** @param {SubmitEvent} event */
    async function submit(event) {
      event.preventDefault();
      const code = codeIn(input.value);
      if (way === "code" && !code) return setError(box, t("shell.entry.unreadable"));
      button.disabled = true;
      setError(box, null);
      try {
        await enter(way === "code" ? { code: code ?? "" } : { password: input.value });
      } catch (error) {
        const told = words.error(error);
        const spent = way === "code" && /** @type {{status?: number}} */ (error).status === 401;
        setError(box, spent ? t("shell.entry.spent") : [told.title, told.hint].filter(Boolean).join(" — "));
        input.select();
      } finally {
        button.disabled = false;
      }
    }

    replace(
      root,
      el(
        "main",
        { class: "entry" },
        el(
          "div",
          { class: "entry-card" },
          el("h1", null, brand()),
          why && el("p", { role: "alert" }, t(why)),
          el("div", { class: "choices", role: "group", "aria-label": t("shell.entry.way") }, choice("code"), choice("password")),
          el("form", { on: { submit } }, box, el("div", { class: "row" }, button)),
          el("p", { class: "small dim" }, t("shell.entry.where")),
          el("pre", null, "sockeye workbench"),
          languages(),
        ),
      ),
    );
    input.focus();
  }

  /** @param {string} one */
  function choice(one) {
    const choose = () => {
      way = one;
      draw();
    };
    return el("button", { type: "button", "aria-pressed": way === one, on: { click: choose } }, t(`shell.entry.by.${one}`));
  }

  function languages() {
    const other = words.language === "en" ? "zh-CN" : "en";
    const change = async () => {
      settings.set("language", other);
      await words.use(other);
      draw();
    };
    return el("button", { type: "button", class: "link", lang: other, on: { click: change } }, other === "en" ? "English" : "简体中文");
  }

  root.hidden = false;
  draw();
}
