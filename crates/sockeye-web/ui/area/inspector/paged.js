/**
 * Bytes of any length, of which a few pages are held. What they are the bytes of is the reader's matter.
 */

export const PAGE = 16_384;
const MOST = 64;

export class Paged {
  /**
   * @param {{
   *   length: number,
   *   read: (off: number, len: number) => Promise<Uint8Array>,
   *   changed: () => void,
   *   failed: (error: unknown) => void,
   * }} with
   */
  constructor({ length, read, changed, failed }) {
    this.length = length;
    this.read = read;
    this.changed = changed;
    this.failed = failed;
    /** @type {Map<number, Uint8Array>} the one looked at last stands last */
    this.pages = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    this.broken = false;
  }

  /**
   * What is here of it; what is not is fetched.
   * @param {number} off
   * @param {number} len
   * @returns {Uint8Array | null} null: on its way
   */
  at(off, len) {
    const end = Math.min(off + len, this.length);
    const first = Math.floor(off / PAGE);
    const last = Math.floor(Math.max(off, end - 1) / PAGE);
    let whole = true;
    for (let page = first; page <= last; page += 1) whole = this.has(page) && whole;
    if (!whole) return null;
    if (first === last) return this.pages.get(first)?.subarray(off - first * PAGE, end - first * PAGE) ?? null;
    const bytes = new Uint8Array(end - off);
    for (let page = first; page <= last; page += 1) {
      const part = this.pages.get(page) ?? new Uint8Array();
      const from = Math.max(off, page * PAGE);
      bytes.set(part.subarray(from - page * PAGE, end - page * PAGE), from - off);
    }
    return bytes;
  }

  /** @param {number} page */
  has(page) {
    const here = this.pages.get(page);
    if (here) {
      this.pages.delete(page);
      this.pages.set(page, here);
      return true;
    }
    if (!this.asked.has(page) && !this.broken) void this.fetch(page);
    return false;
  }

  /** @param {number} page */
  async fetch(page) {
    this.asked.add(page);
    try {
      const off = page * PAGE;
      this.pages.set(page, await this.read(off, Math.min(PAGE, this.length - off)));
      for (const old of this.pages.keys()) {
        if (this.pages.size <= MOST) break;
        this.pages.delete(old);
      }
      this.changed();
    } catch (error) {
      this.broken = true;
      this.failed(error);
    } finally {
      this.asked.delete(page);
    }
  }
}
