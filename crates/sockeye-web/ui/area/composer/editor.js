/**
 * The field that a message is written in: which key sends, which walks the history, and what is too much for a
 * field. It does not know what the text means.
 */

import { el } from "../../core/dom.js";
import { MOST_TYPED } from "./message.js";

/**
 * @param {{
 *   label: string,
 *   input: (data: string) => void,
 *   send: () => void,
 *   walk: (way: "older" | "newer") => boolean,
 *   large: (text: string) => void,
 * }} what `walk` says whether there was somewhere to go
 */
export function createEditor({ label, input, send, walk, large }) {
  const area = el("textarea", {
    class: "composer-text",
    rows: "3",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    "aria-label": label,
    "aria-keyshortcuts": "Enter",
    on: {
      input: () => input(area.value),
      keydown: pressed,
      paste: (/** @type {ClipboardEvent} */ event) => pasted(event, event.clipboardData),
      drop: (/** @type {DragEvent} */ event) => pasted(event, event.dataTransfer),
    },
  });

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    // The Enter that ends a word of an input method is not ours; Safari reports it as 229 after the end.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (!event.repeat) send();
    } else if (event.key === "ArrowUp" && bare(event) && atTop(area)) {
      if (walk("older")) event.preventDefault();
    } else if (event.key === "ArrowDown" && bare(event) && atBottom(area)) {
      if (walk("newer")) event.preventDefault();
    }
  }

  /** @param {Event} event @param {DataTransfer | null} from */
  function pasted(event, from) {
    if (from?.files.length) return;
    const text = from?.getData("text/plain") ?? "";
    if (area.value.length - (area.selectionEnd - area.selectionStart) + text.length <= MOST_TYPED) return;
    event.preventDefault();
    event.stopPropagation();
    large(area.value.slice(0, area.selectionStart) + text + area.value.slice(area.selectionEnd));
  }

  return {
    node: area,
    /** @param {string} data */
    set(data) {
      if (area.value !== data) area.value = data;
    },
    focus: () => area.focus(),
    /** So that Enter sends it again, and typing writes something else. */
    selectAll: () => area.select(),
    /** @param {number} offset @param {number} length */
    go(offset, length) {
      area.focus();
      area.setSelectionRange(offset, offset + length);
    },
    end: () => area.setSelectionRange(area.value.length, area.value.length),
  };
}

/** @param {KeyboardEvent} event */
function bare(event) {
  return !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
}

/** @param {HTMLTextAreaElement} area whether Up has nowhere to go in the text */
function atTop(area) {
  const before = area.value.slice(0, area.selectionStart);
  return !before.includes("\n") && fits(area, before);
}

/** @param {HTMLTextAreaElement} area */
function atBottom(area) {
  if (area.value.includes("\n", area.selectionEnd)) return false;
  if (area.selectionEnd === area.value.length) return true;
  return fits(area, area.value.slice(area.value.lastIndexOf("\n", area.selectionEnd - 1) + 1));
}

/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/** Whether a line of the field holds this without wrapping. @param {HTMLTextAreaElement} area @param {string} text */
function fits(area, text) {
  if (text.length > 2000) return false;
  const style = getComputedStyle(area);
  ruler ??= el("canvas").getContext("2d");
  if (!ruler) return text === "";
  ruler.font = style.font;
  return ruler.measureText(text).width <= area.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}
