/**
 * The choice of one conversation of a run, for the tabs that look at one. It follows what the
 * stream is narrowed to until somebody chooses here.
 */

import { el, field } from "../../core/dom.js";

/**
 * @typedef {import("../../core/types.js").App} App
 * @typedef {import("../../core/types.js").Run} Run
 * @typedef {import("../../core/types.js").Conversation} Conversation
 */

/**
 * The one to begin with: what the stream shows, else the one that said most.
 * @param {Conversation[]} conversations
 * @param {ReadonlySet<number>} narrowed
 * @returns {number | null}
 */
export function likely(conversations, narrowed) {
  const among = conversations.filter(({ c }) => narrowed.has(c));
  const all = among.length > 0 ? among : conversations;
  const said = (/** @type {Conversation} */ one) => one.in + one.out;
  return all.reduce((best, one) => (best === null || said(one) > said(best) ? one : best), /** @type {Conversation | null} */ (null))?.c ?? null;
}

/**
 * @param {App} app
 * @param {(c: number | null) => void} chosen called when it is another one
 */
export function conversationChoice(app, chosen) {
  const { state, words } = app;
  const select = /** @type {HTMLSelectElement} */ (el("select", {}));
  /** @type {number | null} */
  let picked = null;
  let byHand = false;
  let drawn = "";

  select.addEventListener("change", () => {
    byHand = true;
    picked = select.value === "" ? null : Number(select.value);
    chosen(picked);
  });

  return {
    node: field({ label: words.t("tools.conversation"), control: select }),
    get c() {
      return picked;
    },
    /** @param {Run} run */
    changed(run) {
      const { conversations } = run;
      const names = conversations.map((one) => `#${one.c}  ${one.peer || one.local || one.proto}`);
      const text = names.join("\n");
      if (text !== drawn) {
        drawn = text;
        const options = conversations.map((one, at) => {
          const option = document.createElement("option");
          option.value = String(one.c);
          option.textContent = names[at] ?? "";
          return option;
        });
        select.replaceChildren(...options);
        select.disabled = conversations.length === 0;
      }
      const still = conversations.some(({ c }) => c === picked);
      const next = byHand && still ? picked : (still && state.conversations.size === 0 ? picked : likely(conversations, state.conversations));
      if (next !== null) select.value = String(next);
      if (next !== picked) {
        picked = next;
        chosen(picked);
      }
    },
  };
}
