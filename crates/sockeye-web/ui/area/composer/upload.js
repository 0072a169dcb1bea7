/**
 * A file brought to the server in pieces, so that none is ever whole in the page's memory. Sending it on is
 * another matter.
 */

/** @typedef {import("../../core/types.js").Api} Api */

export const PIECE = 512 * 1024;

/**
 * @param {Pick<Api, "post" | "putBytes" | "remove">} api
 * @param {Blob} file
 * @param {{name: string, signal: AbortSignal, progress: (bytes: number) => void}} how
 * @returns {Promise<number>} the server's number of it; what was begun and failed is taken away again
 */
export async function upload(api, file, { name, signal, progress }) {
  const { file: id } = await api.post("/api/files", { name, size: file.size });
  try {
    for (let off = 0; off < file.size;) {
      signal.throwIfAborted();
      const bytes = new Uint8Array(await file.slice(off, off + PIECE).arrayBuffer());
      const { have } = await api.putBytes(`/api/files/${id}`, { off }, bytes);
      if (!(have > off)) throw new Error("the server took nothing of the file");
      off = have;
      progress(off);
    }
    signal.throwIfAborted();
    return id;
  } catch (error) {
    // Nothing more can be done about a file that cannot be taken away; it goes with the server.
    await api.remove(`/api/files/${id}`).catch(() => {});
    throw error;
  }
}

/**
 * How much of a file has gone to those that it is sent to: as much as the slowest of them got.
 * @param {import("../../core/types.js").Conversation[]} conversations
 * @param {Map<number, number>} before what had gone to each when it began
 * @param {number} size
 * @returns {number | null} 0 to 1; those that hung up are not waited for. null: all did, and none has all of it
 */
export function share(conversations, before, size) {
  const parts = conversations
    .filter((one) => before.has(one.c))
    .map((one) => ({ open: one.open, part: size === 0 ? 1 : Math.min(1, (one.out - (before.get(one.c) ?? 0)) / size) }));
  const waiting = parts.filter((one) => one.open);
  if (waiting.length > 0) return Math.min(...waiting.map((one) => one.part));
  return parts.some((one) => one.part === 1) ? 1 : null;
}
