/**
 * Sends the newest of what is asked for: not before it rests, one at a time, and never an
 * older one after a newer. What is sent, and how, is its caller's.
 */

/**
 * @template T
 * @typedef {{
 *   send: (value: T) => Promise<void>,
 *   failed: (error: unknown) => void,
 *   rest?: number,
 *   later?: (run: () => void, ms: number) => unknown,
 *   never?: (timer: any) => void,
 * }} How `rest` in ms; `later` and `never` are the clock
 */

/** @template T */
export class Latest {
  #how;
  /** @type {{ value: T } | null} */
  #waiting = null;
  #timer = /** @type {unknown} */ (null);
  #busy = false;

  /** @param {How<T>} how */
  constructor({ rest = 250, later = (run, ms) => setTimeout(run, ms), never = (timer) => clearTimeout(timer), ...how }) {
    this.#how = { ...how, rest, later, never };
  }

  /** Something waits, or is on its way. */
  get busy() {
    return this.#busy || this.#waiting !== null;
  }

  /** @param {T} value */
  soon(value) {
    this.#waiting = { value };
    this.#how.never(this.#timer);
    this.#timer = this.#how.later(() => void this.#go(), this.#how.rest);
  }

  /** @param {T} value */
  async now(value) {
    this.#waiting = { value };
    this.#how.never(this.#timer);
    await this.#go();
  }

  /** What waits is not sent. */
  stop() {
    this.#how.never(this.#timer);
    this.#waiting = null;
  }

  async #go() {
    // Whoever is on the way takes what waits along when it is back.
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#waiting) {
        const { value } = this.#waiting;
        this.#waiting = null;
        try {
          await this.#how.send(value);
        } catch (error) {
          if (!this.#waiting) this.#how.failed(error);
        }
      }
    } finally {
      this.#busy = false;
    }
  }
}
