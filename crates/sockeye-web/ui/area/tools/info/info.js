/**
 * The tab "info": both addresses of each conversation, its socket's options, and what the
 * kernel knows of its TCP connection; asked for every second while somebody looks.
 */

import { el, replace } from "../../../core/dom.js";
import { shown } from "../../../core/text.js";
import { every, failed, follow, say } from "../panel.js";
import { rowsTable } from "./rows.js";

/**
 * @typedef {import("../../../core/types.js").App} App
 * @typedef {import("../../../core/types.js").Run} Run
 * @typedef {[name: string, value: string]} Row
 * @typedef {{ c: number, rows: Row[], tcp: Row[], rtt: number | null }} Fares
 */

/** So many are shown; a server with more is narrowed to those that matter. */
const MOST = 20;

/** @type {import("../../../core/types.js").Mount} */
export function mountInfo(root, app) {
  return follow(root, app, (body, run) => info(body, app, run));
}

/**
 * @param {HTMLElement} root
 * @param {App} app
 * @param {Run} run
 */
function info(root, app, { id }) {
  const { words, state, api } = app;
  const { t } = words;
  const head = el("p", { class: "dim small" });
  const list = el("div", { class: "info-list" });
  /** @type {Map<number, ReturnType<typeof conversation>>} */
  const cards = new Map();
  let broken = false;
  replace(root, head, list);

  async function ask() {
    const run = state.runs.get(id);
    if (!run) return;
    try {
      const { conversations } = await api.get(`/api/runs/${id}/info`);
      broken = false;
      show(run, conversations);
    } catch (error) {
      // Once a second would be read out once a second.
      if (broken) return;
      broken = true;
      cards.clear();
      replace(list, failed(app, error));
    }
  }

  /** @param {Run} run @param {Fares[]} answers */
  function show(run, answers) {
    const narrowed = state.conversations;
    const wanted = answers.filter(({ c }) => narrowed.size === 0 || narrowed.has(c));
    const told = wanted.slice(0, MOST);
    say(head, told.length === 0
      ? t(run.state === "ended" ? "tools.info.ended" : "tools.info.none")
      : (wanted.length > MOST ? t("tools.info.first", { n: MOST, of: wanted.length }) : t("tools.info.every-second")));
    for (const c of [...cards.keys()]) {
      if (told.some((one) => one.c === c)) continue;
      cards.get(c)?.node.remove();
      cards.delete(c);
    }
    if (cards.size === 0) replace(list);
    for (const one of told) {
      const card = cards.get(one.c) ?? conversation(app, one.c, cards.size === 0);
      if (!cards.has(one.c)) {
        cards.set(one.c, card);
        list.append(card.node);
      }
      card.show(run, one);
    }
  }

  const off = every(1000, root, ask);
  return { destroy: off };
}

/**
 * One conversation: its rows are made once and only their values change, so that nothing moves.
 * @param {App} app
 * @param {number} c
 * @param {boolean} open
 */
function conversation(app, c, open) {
  const { t } = app.words;
  const name = el("span", {});
  const ends = rowsTable(app, t("tools.info.ends"));
  const tcp = rowsTable(app, t("tools.info.tcp"));
  const options = rowsTable(app, t("tools.info.options"));
  const node = el("details", { class: "info-card", open }, el("summary", {}, el("b", {}, `#${c} `), name), ends.node, tcp.node, options.node);
  return {
    node,
    /** @param {Run} run @param {Fares} fares */
    show(run, fares) {
      const known = run.conversations.find((one) => one.c === c);
      const rtt = fares.rtt === null ? "" : ` · ${app.words.duration(fares.rtt * 1000)}`;
      name.textContent = `${shown(known?.peer ?? "")}${rtt}`;
      const addresses = fares.rows.filter(([key]) => key === "local" || key === "peer");
      const said = new Set(addresses.map(([key]) => key));
      /** @type {Row[]} */
      const own = known ? [["local", known.local], ["peer", known.peer]] : [];
      ends.show([...addresses, ...own.filter(([key, value]) => value && !said.has(key))]);
      tcp.show(fares.tcp);
      // The report of a socket repeats the rows of its TCP connection.
      const twice = new Set(fares.tcp.map(([key]) => key));
      options.show(fares.rows.filter(([key]) => !said.has(key) && !twice.has(key)));
    },
  };
}
