/**
 * The options of an endpoint beyond what the form asks for: picked from the server's list, each with what it does.
 */

import { el, icon, replace } from "../../core/dom.js";

/**
 * @param {import("../../core/types.js").App} app
 * @param {import("./draft.js").Form} form its `options` are written to
 * @param {string} scheme
 * @param {() => void} changed
 * @returns {HTMLElement | null} null: this scheme has none
 */
export function optionList(app, form, scheme, changed) {
  const { t } = app.words;
  const known = app.state.about.endpoints.find((one) => one.scheme === scheme)?.options ?? [];
  if (known.length === 0) return null;
  const box = el("div", { class: "options wide" });

  function draw() {
    const rest = known.filter(({ name }) => !form.options.some((option) => option.name === name));
    const add = el(
      "select",
      {
        "aria-label": t("open.options.add"),
        on: {
          change: () => {
            const picked = known.find(({ name }) => name === add.value);
            if (!picked) return;
            form.options.push({ name: picked.name, value: picked.write.includes("=") ? "" : "true" });
            draw();
            changed();
            const inputs = box.querySelectorAll("input");
            (inputs[inputs.length - 1] ?? add).focus();
          },
        },
      },
      el("option", { value: "" }, t("open.options.add")),
      rest.map(({ name, what }) => el("option", { value: name }, `${name}: ${t(what)}`)),
    );
    replace(box, form.options.map(row), rest.length > 0 && add);
  }

  /** @param {import("./draft.js").Option} option */
  function row(option) {
    const one = known.find(({ name }) => name === option.name);
    const remove = () => {
      form.options = form.options.filter((other) => other !== option);
      draw();
      changed();
    };
    return el(
      "div",
      { class: "option" },
      el("code", null, option.name),
      option.value === "true"
        ? el("span", null)
        : el("input", {
            type: "text",
            class: "mono",
            "aria-label": option.name,
            placeholder: one?.write.split("=")[1] ?? "",
            value: option.value,
            on: {
              input: (/** @type {any} */ event) => {
                option.value = event.target.value;
                changed();
              },
            },
          }),
      el("span", { class: "dim small" }, t(one?.what ?? "open.options.unknown")),
      el("button", { type: "button", class: "button quiet small only", "aria-label": t("open.options.remove", { name: option.name }), on: { click: remove } }, icon("close")),
    );
  }

  draw();
  return box;
}
