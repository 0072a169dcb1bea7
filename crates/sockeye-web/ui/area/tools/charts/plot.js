/**
 * How the two pictures are drawn: what comes in above the line and what goes out below it, and
 * the round trips. Pure strokes on a canvas; where the numbers come from is not known here.
 */

/**
 * @typedef {import("../../../core/types.js").Rate} Rate
 * @typedef {{ in: string, out: string, trip: string, grid: string, text: string, cursor: string, font: string }} Ink
 * @typedef {{ window: readonly Readonly<Rate>[], top: number, label: (value: number) => string, ink: Ink, cursor: number | null }} Picture
 */

const ABOVE = 14;
const BELOW = 14;
const MINUTE = 60;

/**
 * Where a second lies. The newest is at the right edge.
 * @param {number} at index in the window
 * @param {number} count
 * @param {number} width
 */
export function across(at, count, width) {
  return count < 2 ? width : (at / (count - 1)) * width;
}

/**
 * The second that lies there.
 * @param {number} x
 * @param {number} count
 * @param {number} width
 */
export function secondAt(x, count, width) {
  const at = Math.round((x / Math.max(1, width)) * (count - 1));
  return Math.min(count - 1, Math.max(0, at));
}

/** A line between two pixels is one pixel wide. @param {number} y */
const crisp = (y) => Math.round(y) + 0.5;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} height
 * @param {Picture} picture
 */
export function drawRates(pen, width, height, { window, top, label, ink, cursor }) {
  const middle = height / 2;
  const room = middle - ABOVE;
  minutes(pen, width, height, window.length, ink.grid);
  level(pen, width, middle, ink.grid);
  level(pen, width, middle - room, ink.grid);
  level(pen, width, middle + room, ink.grid);
  area(pen, width, middle, window.map((rate) => -(rate.in / top) * room), ink.in);
  area(pen, width, middle, window.map((rate) => (rate.out / top) * room), ink.out);
  write(pen, label(top), middle - room - 4, ink);
  write(pen, label(top), middle + room + 11, ink);
  if (cursor !== null) mark(pen, across(cursor, window.length, width), height, ink.cursor);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} height
 * @param {Picture} picture
 */
export function drawTrips(pen, width, height, { window, top, label, ink, cursor }) {
  const floor = height - BELOW;
  const room = floor - ABOVE;
  const up = (/** @type {number} */ value) => floor - (value / top) * room;
  minutes(pen, width, height, window.length, ink.grid);
  level(pen, width, floor, ink.grid);
  level(pen, width, floor - room, ink.grid);
  pen.strokeStyle = ink.trip;
  pen.globalAlpha = 0.35;
  pen.lineWidth = 1;
  pen.beginPath();
  window.forEach(({ tripP50, tripMax }, at) => {
    if (tripP50 === null || tripMax === null) return;
    const x = crisp(across(at, window.length, width) - 1);
    pen.moveTo(x, up(tripP50));
    pen.lineTo(x, up(tripMax));
  });
  pen.stroke();
  pen.globalAlpha = 1;
  pen.fillStyle = ink.trip;
  window.forEach(({ tripP50 }, at) => {
    if (tripP50 !== null) pen.fillRect(across(at, window.length, width) - 1.5, up(tripP50) - 1, 2, 2);
  });
  write(pen, label(top), floor - room - 4, ink);
  if (cursor !== null) mark(pen, across(cursor, window.length, width), height, ink.cursor);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} width
 * @param {number} zero
 * @param {number[]} heights from the zero line
 * @param {string} colour
 */
function area(pen, width, zero, heights, colour) {
  pen.beginPath();
  heights.forEach((height, at) => pen.lineTo(across(at, heights.length, width), zero + height));
  pen.strokeStyle = colour;
  pen.lineWidth = 1.25;
  pen.lineJoin = "round";
  pen.stroke();
  pen.lineTo(width, zero);
  pen.lineTo(0, zero);
  pen.closePath();
  pen.globalAlpha = 0.16;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} pen @param {number} width @param {number} y @param {string} colour */
function level(pen, width, y, colour) {
  pen.fillStyle = colour;
  pen.fillRect(0, Math.round(y), width, 1);
}

/** @param {CanvasRenderingContext2D} pen @param {number} width @param {number} height @param {number} count @param {string} colour */
function minutes(pen, width, height, count, colour) {
  pen.fillStyle = colour;
  for (let ago = MINUTE; ago < count - 1; ago += MINUTE) {
    pen.fillRect(Math.round(across(count - 1 - ago, count, width)), ABOVE, 1, height - ABOVE - BELOW);
  }
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} y @param {Ink} ink */
function write(pen, text, y, ink) {
  pen.font = ink.font;
  pen.fillStyle = ink.text;
  pen.fillText(text, 0, y);
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} height @param {string} colour */
function mark(pen, x, height, colour) {
  pen.fillStyle = colour;
  pen.fillRect(Math.floor(x), 0, 1, height);
}
