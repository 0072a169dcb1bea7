/**
 * Copying, with a word that it was done.
 */

import { toast } from "../../core/dom.js";

/**
 * @param {string} text
 * @param {import("../../core/types.js").App} app
 */
export async function copy(text, { words }) {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.t("shell.copied"), "good");
  } catch {
    toast(words.t("shell.copy-refused"), "error");
  }
}
