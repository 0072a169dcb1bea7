/** Changes to the list of faults: each gives a new list. How they are written is not known here. */

/**
 * @typedef {import("./language.js").Fault} Fault
 * @typedef {import("./language.js").Name} Name
 */

/**
 * The list with the `nth` fault of this name made another; one more if there are not so many.
 * @param {readonly Fault[]} faults
 * @param {Name} name
 * @param {number} nth
 * @param {Fault | null} next null takes it away
 */
export function changed(faults, name, nth, next) {
  let seen = -1;
  let found = false;
  const list = faults.flatMap((fault) => {
    if (fault.name === name) seen += 1;
    if (found || fault.name !== name || seen !== nth) return [fault];
    found = true;
    return next ? [next] : [];
  });
  return found || !next ? list : [...list, next];
}

/**
 * The same fault, for the other direction: what one wants of a second one.
 * @param {Fault} fault
 * @returns {[Fault, Fault]}
 */
export function parted(fault) {
  const dir = fault.keys.dir ?? "up";
  const other = dir === "up" ? "down" : "up";
  return [{ ...fault, keys: { ...fault.keys, dir } }, { ...fault, keys: { ...fault.keys, dir: other } }];
}
