/** The rulers of the server's answer, sorted by the direction of bytes that they lie over. */

/**
 * @typedef {import("./layout.js").Ruler} Ruler
 * @typedef {{ title: string | null, rulers: Ruler[] }} Group one direction of one conversation
 */

/**
 * The rows of the server's answer by direction. Rulers that come without a title are one group.
 * @param {readonly unknown[]} rows
 * @returns {Group[]}
 */
export function groups(rows) {
  /** @type {Group[]} */
  const found = [];
  const bare = rows.filter(isRuler);
  if (bare.length > 0) found.push({ title: null, rulers: bare });
  for (const row of rows) {
    const { title = null, rulers } = /** @type {{ title?: string | null, rulers?: unknown }} */ (row ?? {});
    if (Array.isArray(rulers)) found.push({ title, rulers: rulers.filter(isRuler) });
  }
  return found;
}

/** @param {unknown} row @returns {row is Ruler} */
function isRuler(row) {
  const { name, pieces } = /** @type {Partial<Ruler>} */ (row ?? {});
  return typeof name === "string" && Array.isArray(pieces);
}
