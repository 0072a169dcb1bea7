/**
 * The quick list to a file and from one. What such a file says is `quick-file.js`.
 */

import { dialog, el, toast } from "../../core/dom.js";
import { shown } from "../../core/text.js";
import { LIMIT, counted, joined } from "./quick.js";
import { QuickError, read, write } from "./quick-file.js";

/** @typedef {import("./quick-store.js").QuickStore} QuickStore */

/** @param {QuickStore} store */
export function exportQuick(store) {
  const url = URL.createObjectURL(new Blob([write(store.get())], { type: "application/json" }));
  const link = el("a", { href: url, download: "sockeye-quick.json" });
  link.click();
  // The download has begun only after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * @param {import("./desk.js").Desk} desk
 * @param {QuickStore} store
 */
export async function importQuick(desk, store) {
  const { t } = desk;
  const file = await picked(".json,application/json");
  if (!file) return;
  try {
    if (file.size > 4 * LIMIT.all) throw new QuickError("", "composer.bad.large", { most: LIMIT.all });
    const there = read(await file.text());
    const all = joined(store.get(), there);
    if (!all) throw new QuickError("", "composer.bad.room");
    const at = store.get().groups.length;
    store.set(all);
    if (there.groups.length) store.show(at);
    toast(t("composer.imported", { n: counted(there), sequences: there.sequences.length }), "good");
  } catch (error) {
    if (!(error instanceof QuickError)) throw error;
    await dialog({
      title: t("composer.bad.title"),
      body: el(
        "div",
        { class: "stack" },
        el(
          "div",
          { class: "trouble" },
          error.place && el("strong", { class: "mono" }, shown(error.place)),
          el("span", null, t(error.why, error.args)),
        ),
        el("p", { class: "dim" }, t("composer.bad.form")),
        el("pre", { class: "composer-sample" }, SAMPLE),
      ),
      actions: [{ label: t("composer.close"), value: true, kind: "primary" }],
    });
  }
}

/**
 * @param {string} accept
 * @returns {Promise<File | null>}
 */
export function picked(accept) {
  return new Promise((resolve) => {
    const input = el("input", {
      type: "file",
      accept: accept || null,
      on: { change: () => resolve(input.files?.[0] ?? null), cancel: () => resolve(null) },
    });
    input.click();
  });
}

const SAMPLE = `{ "sockeye": "quick list", "version": 1,
  "groups": [ { "name": "modem", "items": [
    { "name": "reset", "kind": "text",
      "data": "AT+RST", "eol": "crlf" },
    { "name": "poll", "kind": "hex",
      "data": "01 03 00 00 00 02",
      "checksum": "crc16-modbus,le" } ] } ] }`;
