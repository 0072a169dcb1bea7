/**
 * How large a picture is shown: fitted into its frame, or by steps, about the point that is
 * looked at. Numbers only.
 */

export const LEAST = 0.1;
export const MOST = 8;

/** @param {number} scale */
export function bounded(scale) {
  return Math.min(MOST, Math.max(LEAST, scale));
}

/**
 * As wide as the frame, never larger than it is.
 * @param {number} width of the picture
 * @param {number} room of the frame
 */
export function fitted(width, room) {
  return width > 0 && room > 0 ? bounded(Math.min(1, room / width)) : 1;
}

/** Below this the text is no longer read. */
const READ = 0.6;

/**
 * What to begin with: fitted where it can be read so, else as small as it can be read.
 * @param {number} width of the picture
 * @param {number} room of the frame
 */
export function readable(width, room) {
  return Math.max(READ, fitted(width, room));
}

/**
 * Where the frame has to be scrolled to so that the point under `at` stays under it.
 * @param {number} scroll now
 * @param {number} at from the frame's edge
 * @param {number} from the scale now
 * @param {number} to the scale then
 */
export function held(scroll, at, from, to) {
  return ((scroll + at) / from) * to - at;
}
