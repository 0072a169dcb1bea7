/**
 * The page's own settings, and what server this is.
 */

import { dialog, el } from "../../core/dom.js";

/** @typedef {import("../../core/types.js").App} App */

/**
 * @param {App} app
 * @param {import("./mount.js").Line} line
 */
export async function settingsDialog(app, line) {
  const { words, state } = app;
  const { t } = words;
  const about = state.about;
  const body = el(
    "div",
    { class: "stack" },
    choice(app, "language", [["en", "English"], ["zh-CN", "简体中文"]]),
    choice(app, "theme", [["auto", t("shell.theme.auto")], ["light", t("shell.theme.light")], ["dark", t("shell.theme.dark")]]),
    el(
      "dl",
      { class: "facts" },
      fact(t("shell.about.version"), `Sockeye ${about.sockeye}`),
      fact(t("shell.about.home"), about.home),
      fact(t("shell.about.kept"), about.kept ?? t("shell.about.not-kept")),
      fact(t("shell.about.may"), t(state.may("act") ? "shell.about.act" : "shell.about.look")),
    ),
  );
  let again = false;
  const off = words.on(() => {
    again = true;
    body.closest("dialog")?.close();
  });
  const done = await dialog({
    title: t("shell.settings"),
    body,
    actions: [
      { label: t("shell.leave"), value: "leave" },
      { label: t("shell.close"), value: "close", kind: "primary" },
    ],
  });
  off();
  if (done === "leave") line.leave();
  // Its own words are of the language that it was opened in.
  if (again) void settingsDialog(app, line);
}

/**
 * @template {"language" | "theme"} N
 * @param {App} app
 * @param {N} name
 * @param {[import("../../core/types.js").SettingValues[N], string][]} values
 */
function choice(app, name, values) {
  const { settings, words } = app;
  return el(
    "fieldset",
    { class: "field" },
    el("legend", { class: "field-label" }, words.t(`shell.${name}`)),
    el(
      "div",
      { class: "row" },
      el(
        "div",
        { class: "choices" },
        values.map(([value, label]) =>
          el(
            "label",
            null,
            el("input", { type: "radio", name, checked: settings.get(name) === value, autofocus: name === "language" && settings.get(name) === value, on: { change: () => settings.set(name, value) } }),
            label,
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return [el("dt", null, name), el("dd", { class: "mono" }, value)];
}
