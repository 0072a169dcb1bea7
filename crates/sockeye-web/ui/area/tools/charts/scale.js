/** The top of an axis: round, never below what is drawn, and slow to come down. */

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * The next round number: 1, 2 or 5 times a power of ten, in units of `base`.
 * @param {number} value
 * @param {1000 | 1024} base 1024 for bytes, so that the label is round as well
 * @param {number} least
 */
export function roundUp(value, base, least) {
  let unit = 1;
  const wanted = Math.max(value, least);
  while (wanted > 500 * unit) unit *= base;
  // 500 KiB is below 1 MiB by less than a step: the list ends there.
  return (STEPS.find((step) => step * unit >= wanted) ?? base) * unit;
}

export class Ceiling {
  #top = 0;
  #base;
  #least;

  /** @param {{ base: 1000 | 1024, least: number }} of */
  constructor({ base, least }) {
    this.#base = base;
    this.#least = least;
  }

  /**
   * The top for a window whose largest value this is. It grows at once, and shrinks only when
   * the picture would be less than a quarter full.
   * @param {number} value
   */
  next(value) {
    const wanted = roundUp(value, this.#base, this.#least);
    if (wanted > this.#top || wanted <= this.#top / 4) this.#top = wanted;
    return this.#top;
  }
}
