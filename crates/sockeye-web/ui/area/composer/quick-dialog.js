/**
 * One message written or changed in a dialog, with all its options and what it will be on the wire: an item of the
 * quick list, or the message of a step.
 */

import { dialog, el, field } from "../../core/dom.js";
import { segments } from "./choice.js";
import { createOptions } from "./options.js";
import { createPreview } from "./preview.js";
import { LIMIT } from "./quick.js";

/** @typedef {import("./quick.js").Item} Item */

/**
 * @param {import("./desk.js").Desk} desk
 * @param {{title: string, item: Item, named: boolean}} what `named`: it has a name of its own
 * @returns {Promise<Item | null>} null: dismissed
 */
export async function editMessage(desk, { title, item, named }) {
  const { t } = desk;
  let now = { ...item };
  const name = el("input", { type: "text", maxlength: LIMIT.name, value: item.name, autocomplete: "off" });
  const data = el("textarea", { class: "mono", rows: "4", maxlength: LIMIT.data, spellcheck: "false", value: item.data });
  const options = createOptions(desk, change);
  const preview = createPreview(desk, {
    wrong: options.mark,
    go: (offset, length) => {
      data.focus();
      data.setSelectionRange(offset, offset + length);
    },
  });
  const kind = segments({
    label: t("composer.kind"),
    options: [
      { value: /** @type {"text" | "hex"} */ ("text"), label: t("composer.kind.text") },
      { value: /** @type {"text" | "hex"} */ ("hex"), label: t("composer.kind.hex") },
    ],
    value: item.kind,
    change: (value) => change({ kind: value }),
  });

  /** @param {Partial<Item>} part */
  function change(part) {
    now = { ...now, ...part };
    options.set(now);
    preview.of(now);
  }

  data.addEventListener("input", () => change({ data: data.value }));
  change({});
  const done = await dialog({
    title,
    wide: true,
    body: el(
      "div",
      { class: "stack" },
      named && field({ label: t("composer.name"), control: name }),
      el("div", { class: "composer-bar" }, kind.node, options.node),
      field({ label: t("composer.message"), control: data }),
      preview.node,
    ),
    actions: [
      { label: t("composer.cancel"), value: false },
      { label: t("composer.keep"), value: true, kind: "primary" },
    ],
  });
  preview.destroy();
  if (!done) return null;
  return { ...now, name: name.value.trim() || firstWords(now.data) || t("composer.unnamed") };
}

/** What a message is called that nobody named. @param {string} data */
export function firstWords(data) {
  return [...data.replace(/\s+/g, " ").trim()].slice(0, 24).join("");
}
