/**
 * The menu that saves: the record as a tape, for Wireshark, to read, to draw, or its bytes alone.
 */

import { el, menu, toast } from "../../core/dom.js";

/** How long a browser may need to begin with a download. */
const TAKEN = 60_000;

/** @type {[as: string, ending: string, dir?: "in" | "out"][]} */
const WAYS = [
  ["tape", "tape"],
  ["pcapng", "pcapng"],
  ["html", "html"],
  ["txt", "txt"],
  ["svg", "svg"],
  ["raw", "in.bin", "in"],
  ["raw", "out.bin", "out"],
];

/**
 * @param {HTMLElement} button
 * @param {import("../../core/types.js").App} app
 * @param {() => number | null} conversation the one that its bytes alone are saved of
 */
export function createSaving(button, app, conversation) {
  const { t } = app.words;
  menu(button, () => {
    const run = app.state.runs.get(app.state.current ?? -1);
    return WAYS.map(([as, ending, dir]) => {
      const c = conversation();
      const one = as === "raw" || as === "svg";
      const label = t(`stream.save.${dir ? `raw-${dir}` : as}`, { c: c === null ? "" : `#${c}` }).replace(/ +(?=（|$)/g, "").replace(/ {2,}/g, " ");
      return {
        label: one && c === null ? t("stream.save.which", { label }) : label,
        disabled: !run || (one && c === null),
        line: as === "raw" && dir === "in",
        run: () => run && void save(run, as, ending, one ? { c, dir } : {}),
      };
    });
  });

  /**
   * @param {import("../../core/types.js").Run} run
   * @param {string} as
   * @param {string} ending
   * @param {{c?: number | null, dir?: string}} part
   */
  async function save(run, as, ending, part) {
    try {
      const blob = await app.api.blob(`/api/runs/${run.id}/save`, { as, ...part });
      const url = URL.createObjectURL(blob);
      const name = `${run.name || run.do}-${run.id}`.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60);
      el("a", { href: url, download: `${name}${part.c ? `-${part.c}` : ""}.${ending}` }).click();
      window.setTimeout(() => URL.revokeObjectURL(url), TAKEN);
    } catch (error) {
      const said = app.words.error(error);
      toast(`${said.title}: ${said.text}`, "error");
    }
  }
}
