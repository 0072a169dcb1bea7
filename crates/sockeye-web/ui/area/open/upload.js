/**
 * A file of the user's disk, sent to the server in pieces.
 */

const PIECE = 1024 * 512;

/**
 * @param {import("../../core/types.js").Api} api
 * @param {File} file
 * @param {(share: number) => void} progress from 0 to 1
 * @returns {Promise<number>} the number that the server knows it by
 */
export async function upload(api, file, progress) {
  const { file: number } = await api.post("/api/files", { name: file.name, size: file.size });
  try {
    for (let off = 0; off < file.size; off += PIECE) {
      const piece = new Uint8Array(await file.slice(off, off + PIECE).arrayBuffer());
      await api.putBytes(`/api/files/${number}`, { off }, piece);
      progress(Math.min(1, (off + PIECE) / file.size));
    }
  } catch (error) {
    // Half a file is of no use to anybody.
    await api.remove(`/api/files/${number}`).catch(() => undefined);
    throw error;
  }
  return number;
}
