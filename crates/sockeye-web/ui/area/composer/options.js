/**
 * How a message is turned into bytes: escapes, encoding, line end, checksum and framing as one row of controls,
 * for the field and for each message that is kept.
 */

import { el } from "../../core/dom.js";
import { choice } from "./choice.js";
import { EOLS } from "./message.js";

/** @typedef {import("./message.js").Writing} Writing */
/** @typedef {import("./desk.js").Desk} Desk */

/**
 * @param {Desk} desk
 * @param {(change: Partial<Writing>) => void} change
 */
export function createOptions(desk, change) {
  const { t } = desk;
  const about = desk.app.state.about;
  const known = (/** @type {string[]} */ names) => names.map((name) => ({ value: name, label: name }));
  const ofRun = { value: null, label: "" };
  const escapes = el("input", { type: "checkbox", on: { change: () => change({ escapes: escapes.checked }) } });
  const encoding = choice({
    label: t("composer.encoding"),
    options: [ofRun, ...known(about.encodings)],
    change: (value) => change({ encoding: value }),
  });
  const eol = choice({
    label: t("composer.eol"),
    options: EOLS.map((value) => ({ value, label: t(`composer.eol.${value}`) })),
    change: (value) => change({ eol: EOLS.find((one) => one === value) ?? "none" }),
  });
  const checksum = choice({
    label: t("composer.checksum"),
    options: [ofRun, { value: "", label: t("composer.none") }, ...known(about.checksums)],
    other: { label: t("composer.other"), example: "crc16-modbus,le,from=1" },
    change: (value) => change({ checksum: value }),
  });
  const frame = choice({
    label: t("composer.frame"),
    options: [ofRun, { value: "", label: t("composer.none") }, ...known(about.framings.map((one) => one.write))],
    other: { label: t("composer.other"), example: "len:u16le,adjust=2" },
    change: (value) => change({ frame: value }),
  });
  const escaped = el("label", { class: "composer-check", title: t("composer.escapes.what") }, escapes, t("composer.escapes"));
  const choices = { encoding, eol, checksum, frame };

  return {
    node: el(
      "div",
      { class: "composer-options", role: "group", "aria-label": t("composer.options") },
      escaped,
      eol.node,
      encoding.node,
      checksum.node,
      frame.node,
    ),
    /** @param {Writing} writing */
    set(writing) {
      const text = writing.kind === "text";
      escaped.hidden = !text;
      encoding.node.hidden = !text;
      eol.node.hidden = !text;
      const run = desk.run();
      const own = (/** @type {string | null | undefined} */ value) => t("composer.run", { what: value || t("composer.none") });
      encoding.name(own(run?.encoding));
      checksum.name(own(run?.draft.checksum));
      frame.name(own(run?.frame));
      escapes.checked = writing.escapes;
      encoding.set(writing.encoding);
      eol.set(writing.eol);
      checksum.set(writing.checksum);
      frame.set(writing.frame);
    },
    /** @param {string | null} field that the server found fault with */
    mark(field) {
      for (const [name, one] of Object.entries(choices)) one.mark(name === field);
    },
    /** @param {boolean} off */
    disable(off) {
      escapes.disabled = off;
      for (const one of Object.values(choices)) one.disable(off);
    },
  };
}
