/**
 * The chosen row's bytes as a text to be read: its own line ends, lines as long as they are folded at the edge.
 */

import { decode, shown } from "../../core/text.js";
import { el } from "../../core/dom.js";

/** So many bytes are read here; a longer row is saved and read elsewhere. */
export const READ = 256 * 1024;

/**
 * Text as its lines: what ends them is a line's end here, every other control a picture.
 * @param {string} text
 */
export function lines(text) {
  return text.split(/\r\n|\n|\r/).map((line) => line.split("\t").map(shown).join("\t")).join("\n");
}

/**
 * @param {import("../../core/types.js").Words} words
 * @param {{bytes: () => Promise<Uint8Array | null>, encoding: () => string, length: () => number}} from
 */
export function createReading({ t, size }, { bytes, encoding, length }) {
  const text = el("pre", { class: "look-text", tabindex: 0, "aria-label": t("inspector.as.text") });
  const note = el("p", { class: "look-note dim small", role: "status" });
  const node = el("div", { class: "look-reading", hidden: true }, text, note);
  let turn = 0;

  return {
    node,
    async update() {
      turn += 1;
      const mine = turn;
      if (node.hidden) return;
      const all = await bytes();
      if (mine !== turn) return;
      const clipped = length() > READ;
      const read = all ? decode(all, encoding(), { clipped }) : null;
      text.textContent = lines(read?.text ?? "");
      note.textContent = read && read.text === null ? t("inspector.no-text") : clipped ? t("inspector.text.clipped", { most: size(READ) }) : "";
      text.scrollTop = 0;
    },
  };
}
