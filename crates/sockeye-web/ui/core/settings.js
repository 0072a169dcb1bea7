/**
 * How this user wants the page to be. Kept in the browser, so that the first paint has it, and with the
 * keepsakes, so that the next browser has it too.
 */

import { fitting } from "./words.js";

/** @typedef {import("./types.js").SettingValues} Values */

const PLACE = "sockeye.settings";

/** @type {{[N in keyof Values]: (value: unknown) => boolean}} what is taken from storage, which anybody can write */
const TAKES = {
  language: (value) => value === "en" || value === "zh-CN",
  theme: (value) => value === "auto" || value === "light" || value === "dark",
  time: (value) => ["clock", "since", "delta", "off"].includes(String(value)),
  view: (value) => ["auto", "text", "hex", "both"].includes(String(value)),
  by: (value) => value === "reads" || value === "frames",
  follow: (value) => typeof value === "boolean",
};

/**
 * @param {unknown} stored
 * @returns {Partial<Values>}
 */
export function taken(stored) {
  if (stored === null || typeof stored !== "object") return {};
  return Object.fromEntries(
    Object.entries(stored).filter(([name, value]) => TAKES[/** @type {keyof Values} */ (name)]?.(value)),
  );
}

/**
 * @param {{storage: Pick<Storage, "getItem" | "setItem"> | null, languages: readonly string[], keepsakes: import("./types.js").Keepsakes}} from
 * @returns {import("./types.js").Settings}
 */
export function createSettings({ storage, languages, keepsakes }) {
  /** @type {Values} */
  const values = { language: fitting(languages), theme: "auto", time: "clock", view: "auto", by: "reads", follow: true };
  /** @type {Map<string, Set<(value: any) => void>>} */
  const listeners = new Map();
  /** @type {Partial<Values>} only what the user chose: what he did not goes on following the browser */
  let chosen = {};
  try {
    chosen = taken(JSON.parse(storage?.getItem(PLACE) ?? "null"));
  } catch {
    // Storage that cannot be read is as good as none.
  }
  Object.assign(values, chosen);

  /** @param {Partial<Values>} news */
  function adopt(news) {
    for (const [name, value] of Object.entries(news)) {
      if (Reflect.get(values, name) === value) continue;
      Reflect.set(values, name, value);
      for (const listener of [...(listeners.get(name) ?? [])]) listener(value);
    }
  }

  function remember() {
    try {
      storage?.setItem(PLACE, JSON.stringify(chosen));
    } catch {
      // A full or forbidden storage: the setting holds until the page is closed.
    }
  }

  keepsakes.on("settings", (stored) => {
    const news = taken(stored);
    chosen = { ...chosen, ...news };
    adopt(news);
    remember();
  });

  return {
    get: (name) => values[name],
    set(name, value) {
      chosen = { ...chosen, [name]: value };
      adopt({ [name]: value });
      remember();
      keepsakes.set("settings", chosen);
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => all.delete(listener);
    },
  };
}
