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
