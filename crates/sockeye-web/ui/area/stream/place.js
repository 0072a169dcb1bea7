/**
 * Which row of a view an event stands in. Pure but for the reading of rows.
 * Event numbers only grow along a view, so it is found by halving, from a guess in proportion.
 */

/**
 * @param {{first: number, total: number, read: (k: number) => Promise<{n: number} | undefined>}} view
 * @param {number} n the event's number
 * @param {{events: number}} of how many events the view was made of
 * @returns {Promise<number>} the first row whose event is `n` or later; `total`: there is none
 */
export async function place({ first, total, read }, n, { events }) {
  let low = first;
  let high = total;
  const guess = events > 0 ? Math.floor((n / events) * total) : low;
  for (let step = 0; low < high; step += 1) {
    // The guess is good where rows are evenly spread; halving is what bounds the steps.
    const middle = step === 0 ? Math.max(low, Math.min(guess, high - 1)) : Math.floor((low + high) / 2);
    const row = await read(middle);
    if (!row) return middle;
    if (row.n < n) low = middle + 1;
    else high = middle;
    if (step === 0) {
      // Nearly right is common: two probes close by settle it without a walk through the whole list.
      const near = row.n < n ? Math.min(high, low + 64) : Math.max(low, high - 64);
      const probe = near > low && near < high ? await read(near) : undefined;
      if (probe) {
        if (probe.n < n) low = near + 1;
        else high = near;
      }
    }
  }
  return low;
}
