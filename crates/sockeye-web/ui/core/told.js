/**
 * What the server says in English, said in the reader's language where the catalogue knows the sentence.
 * The English words of `shell.said.*` are the patterns: no sentence is written a second time for it. Pure.
 */

/** Parts of a sentence that are sentences themselves. */
const INNER = new Set(["why", "how", "rest"]);
/** A sentence in a sentence in a sentence: deeper nothing is said. */
const DEPTH = 3;
/** Longer texts are not the server's own. */
const LONGEST = 600;

/**
 * @param {string} text as the catalogue has it, with `{name}`s
 * @returns {{pattern: RegExp, names: string[]}}
 */
function pattern(text) {
  const names = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const parts = text.split(/\{\w+\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return { pattern: new RegExp(`^${parts.join("(.+?)")}$`, "su"), names };
}

/**
 * @param {Record<string, string>} english
 * @param {(key: string, args: Record<string, string>) => string} say in the other language
 * @returns {(text: string) => string} what nobody knows comes back as it is
 */
export function createTold(english, say) {
  // The sentence that says most itself goes first: `{a}` alone would take what `{a} or {b}` is about.
  const known = Object.entries(english)
    .filter(([key]) => key.startsWith("shell.said."))
    .map(([key, text]) => ({ key, says: text.replace(/\{\w+\}/g, "").length, ...pattern(text) }))
    .sort((one, other) => other.says - one.says);

  /** @param {string} text @param {number} depth @returns {string} */
  function told(text, depth) {
    if (depth === 0 || text.length > LONGEST) return text;
    for (const { key, pattern: form, names } of known) {
      const found = form.exec(text);
      if (!found) continue;
      const args = names.map((name, at) => [name, INNER.has(name) ? told(found[at + 1] ?? "", depth - 1) : (found[at + 1] ?? "")]);
      return say(key, Object.fromEntries(args));
    }
    return text;
  }
  return (text) => told(text, DEPTH);
}
