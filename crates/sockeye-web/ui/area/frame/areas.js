/**
 * Which area stands where. One that is not there yet is left out.
 */

/** @typedef {import("../../core/types.js").Mount} Mount */
/** @typedef {{mount: Mount, tabs?: import("../../core/types.js").Tab[]}} Area */

/**
 * @param {string} path
 * @returns {Promise<Area | null>}
 */
async function area(path) {
  try {
    return await import(path);
  } catch {
    return null;
  }
}

const [conversations, open, stream, composer, inspector, tools, lessons] = await Promise.all([
  area("../conversations/mount.js"),
  area("../open/mount.js"),
  area("../stream/mount.js"),
  area("../composer/mount.js"),
  area("../inspector/mount.js"),
  area("../tools/mount.js"),
  area("../lessons/mount.js"),
]);

/** @type {[id: string, mount: Mount][]} the landmarks of index.html and what is mounted there */
export const landmarks = [
  /** @type {[string, Area | null]} */ (["conversations", conversations]),
  /** @type {[string, Area | null]} */ (["stream", stream]),
  /** @type {[string, Area | null]} */ (["composer", composer]),
  /** @type {[string, Area | null]} */ (["lessons", lessons]),
].flatMap(([id, one]) => (one ? [/** @type {[string, Mount]} */ ([id, one.mount])] : []));

/** The dialog "open". */
export const opening = open?.mount ?? null;

/** The inspector's tab "bytes". */
export const bytes = inspector?.mount ?? null;

/** The inspector's other tabs. */
export const tabs = tools?.tabs ?? [];
