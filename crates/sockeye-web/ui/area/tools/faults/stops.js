/**
 * The places at which a slider stops: each step is about as large to the eye, from the
 * smallest worth trying to the largest that one waits for. A value between them stays what it
 * is until the slider is moved.
 */

/** @param {number} from @param {number} to */
function decades(from, to) {
  const stops = [];
  for (let unit = from; unit <= to; unit *= 10) {
    for (const step of [1, 1.5, 2, 3, 5, 7]) if (unit * step <= to) stops.push(Math.round(unit * step));
  }
  return stops;
}

/** @param {number} from @param {number} to */
function doublings(from, to) {
  const stops = [];
  for (let value = from; value <= to; value *= 2) stops.push(value);
  return stops;
}

export const STOPS = {
  /** Nanoseconds. */
  time: decades(1e6, 60e9),
  /** Likewise, where nothing is a value. */
  wait: [0, ...decades(1e6, 60e9)],
  /** Bytes of a piece. */
  piece: [1, 2, 3, 4, 5, 6, 7, 8, 12, ...doublings(16, 65_536)],
  /** Bytes after which something ends. */
  amount: [1, 2, 4, 8, ...doublings(16, 1024 ** 3)],
  /** Bits a second. */
  rate: [300, 1200, 2400, 9600, 19_200, 38_400, 64_000, 115_200, ...decades(200_000, 1e9)],
  /** Millionths. All of them is no stop: it is written without a number. */
  share: [...decades(100, 700_000).filter((value) => value % 100 === 0)],
};

/**
 * The stop that is nearest.
 * @param {readonly number[]} stops in order
 * @param {number} value
 */
export function nearest(stops, value) {
  let best = 0;
  stops.forEach((stop, at) => {
    if (Math.abs(stop - value) < Math.abs((stops[best] ?? 0) - value)) best = at;
  });
  return best;
}
