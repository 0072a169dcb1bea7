/**
 * The menu on a row: its encoding, its copy, others like it. A button that stands at the end of the chosen row;
 * the menu key and the right mouse button open it too.
 */

import { el, icon, menu } from "../../core/dom.js";
import { bytesOf, wayOf } from "./columns.js";
import { FORMS } from "./copying.js";
import { toHex } from "../../core/bytes.js";

/** @typedef {import("../../core/types.js").Row} Row */
/** Those that are read most; all are in the bar. */
const COMMON = ["utf-8", "gbk", "gb18030", "big5", "shift_jis", "euc-kr", "utf-16le", "windows-1252"];
/** So much of a row is looked for in others. */
const ALIKE = 32;

/**
 * @param {{
 *   words: import("../../core/types.js").Words,
 *   row: () => Row | undefined,
 *   chosen: () => number,
 *   own: (row: Row) => string | null,
 *   encode: (row: Row, encoding: string | null) => void,
 *   copy: (form: import("./copying.js").Form) => void,
 *   find: (text: string) => void,
 *   narrow: (c: number) => void,
 *   look: () => void,
 * }} with `chosen`: how many rows are
 */
export function createRowMenu({ words, row, chosen, own, encode, copy, find, narrow, look }) {
  const { t } = words;
  const button = el("button", { type: "button", class: "button quiet small only row-menu", tabindex: "-1", "aria-label": t("stream.row.menu"), title: t("stream.row.menu") }, icon("menu"));
  const open = menu(button, () => {
    const one = row();
    if (!one) return [];
    const bytes = bytesOf(one);
    const mine = own(one);
    const n = chosen();
    return [
      { label: t("stream.row.look"), run: look },
      ...FORMS.map((form, at) => ({ label: t(`stream.copy.${form}`, { n, rows: words.count(n) }), run: () => copy(form), line: at === 0 })),
      { label: t("stream.row.find"), disabled: bytes.length === 0, line: true, run: () => find(`hex:${toHex(bytes.subarray(0, ALIKE))}`) },
      ...(one.c === null ? [] : [{ label: t("stream.row.narrow", { c: one.c }), run: () => narrow(/** @type {number} */ (one.c)) }]),
      ...(wayOf(one)
        ? [null, ...COMMON].map((encoding, at) => ({
            label: encoding ?? t("stream.row.encoding"),
            checked: mine === encoding,
            line: at === 0,
            run: () => encode(one, encoding),
          }))
        : []),
    ];
  });
  return { button, open };
}
