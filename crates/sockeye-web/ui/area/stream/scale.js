/**
 * Where a long list stands in a scroll box that browsers can still draw. Pure arithmetic in pixels.
 * Up to the tallest box one pixel is one pixel. Beyond it small moves stay exact and large ones are in
 * proportion: a wheel goes row by row in a list of any length, and the thumb still reaches both ends.
 */

/** Firefox draws nothing below 17.8 million pixels, Chromium below 33.5. */
export const TALLEST = 8_000_000;

/** A move of more than so many heights of the view was the thumb, not a wheel. */
const JUMP = 3;

export class Scale {
  /** @param {number} row the height of a row */
  constructor(row) {
    this.row = row;
    this.total = 0;
    this.view = 0;
    /** How far the list is scrolled, were it drawn whole. */
    this.top = 0;
    /** What the scroll box says of it. */
    this.box = 0;
  }

  get full() {
    return this.total * this.row;
  }

  /** The height that the box is given. */
  get height() {
    return Math.min(this.full, TALLEST);
  }

  get farthest() {
    return Math.max(0, this.full - this.view);
  }

  get scaled() {
    return this.full > TALLEST;
  }

  get first() {
    return Math.floor(this.top / this.row);
  }

  /** The row after the last that can be seen. */
  get end() {
    return Math.min(this.total, Math.ceil((this.top + this.view) / this.row));
  }

  /**
   * The list grew or the view has another height; what is at the top stays there.
   * @param {number} total
   * @param {number} view
   */
  resize(total, view) {
    this.total = total;
    this.view = view;
    this.top = Math.min(this.top, this.farthest);
  }

  /**
   * The box was scrolled, by anybody.
   * @param {number} box
   */
  scrolled(box) {
    const moved = box - this.box;
    this.box = box;
    if (moved === 0) return;
    if (!this.scaled) this.top = box;
    else if (Math.abs(moved) < this.view * JUMP) this.top += moved;
    else this.top = (box / (this.height - this.view)) * this.farthest;
    this.top = Math.max(0, Math.min(this.top, this.farthest));
  }

  /**
   * @param {number} top
   * @returns {number} what the box is to be scrolled to; say what it became by {@link settled}
   */
  seek(top) {
    this.top = Math.max(0, Math.min(Math.round(top), this.farthest));
    return this.due;
  }

  /** @param {number} box what the box was scrolled to: browsers round it */
  settled(box) {
    this.box = box;
    if (!this.scaled) this.top = Math.max(0, Math.min(box, this.farthest));
  }

  /** Where the box should stand by proportion. At an end only when the list is there too. */
  get due() {
    if (!this.scaled) return this.top;
    const room = this.height - this.view;
    if (this.top <= 0) return 0;
    if (this.top >= this.farthest) return room;
    return Math.max(1, Math.min(room - 1, Math.round((this.top / this.farthest) * room)));
  }

  /** Whether the box came to an end that the list is not at: it must be moved before the next turn of the wheel. */
  get stuck() {
    if (!this.scaled) return false;
    const room = this.height - this.view;
    return (this.box <= 0 && this.top > 0) || (this.box >= room && this.top < this.farthest);
  }

  /** @param {number} k @returns {number} where in the box row `k` is drawn */
  at(k) {
    return k * this.row - this.top + this.box;
  }
}
