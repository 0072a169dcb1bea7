/**
 * What is kept for the user with the server: small JSON by section. Two pages may keep at once: who comes
 * second reads again and puts only the sections it changed over what is there.
 */

/** @typedef {import("./types.js").Section} Section */

const PATH = "/api/keepsakes";
const WAIT = 400;

/**
 * @param {{
 *   api: Pick<import("./types.js").Api, "tagged" | "put">,
 *   mayAct: () => boolean,
 *   later?: (run: () => void, ms: number) => void,
 * }} from
 */
export function createKeepsakes({ api, mayAct, later = setTimeout }) {
  /** @type {Record<string, unknown>} */
  let kept = {};
  /** @type {string | null} */
  let etag = null;
  /** @type {Set<Section>} */
  const changed = new Set();
  /** @type {Map<Section, Set<(value: any) => void>>} */
  const listeners = new Map();
  let planned = false;
  let writing = false;

  /** @param {Section} section */
  function tell(section) {
    for (const listener of [...(listeners.get(section) ?? [])]) listener(kept[section]);
  }

  async function read() {
    // Who only looks on is not shown what others sent.
    if (!mayAct()) return;
    const { value, etag: tag } = await api.tagged(PATH);
    const before = kept;
    etag = tag;
    kept = value !== null && typeof value === "object" ? { ...value } : {};
    for (const section of changed) kept[section] = before[section];
    for (const section of listeners.keys()) {
      if (JSON.stringify(before[section]) !== JSON.stringify(kept[section])) tell(section);
    }
  }

  function plan(ms = WAIT) {
    if (planned || !mayAct()) return;
    planned = true;
    later(() => {
      planned = false;
      void write();
    }, ms);
  }

  async function write() {
    if (writing || changed.size === 0) return;
    writing = true;
    const sent = [...changed];
    changed.clear();
    try {
      ({ etag } = await api.put(PATH, kept, { etag }));
    } catch (error) {
      for (const section of sent) changed.add(section);
      const status = /** @type {{status?: number}} */ (error).status;
      if (status === 412) await read().then(() => plan(0), () => plan(5000));
      // Offline, or busy: what is too large or forbidden would be no better later.
      else if (status === 0 || status === 503 || status === 429) plan(5000);
      else for (const section of sent) changed.delete(section);
    } finally {
      writing = false;
      if (changed.size > 0) plan();
    }
  }

  return {
    read,
    /** @param {Section} section */
    get: (section) => /** @type {any} */ (kept[section]),
    /**
     * @param {Section} section
     * @param {unknown} value
     */
    set(section, value) {
      kept = { ...kept, [section]: value };
      changed.add(section);
      plan();
    },
    /**
     * Called when another page, or the server, has another value.
     * @param {Section} section
     * @param {(value: any) => void} listener
     */
    on(section, listener) {
      const all = listeners.get(section) ?? new Set();
      listeners.set(section, all.add(listener));
      return () => all.delete(listener);
    },
  };
}
