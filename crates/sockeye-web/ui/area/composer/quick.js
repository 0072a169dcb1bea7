/**
 * The quick list: groups of named messages, and named sequences. What it may hold, and how it is changed
 * without changing what others hold. Reading it from a file is `quick-file.js`.
 */

/** @typedef {import("./message.js").Writing} Writing */
/** @typedef {Writing & {name: string}} Item */
/** @typedef {{name: string, items: Item[]}} Group */
/** @typedef {{name: string, steps: import("../../core/types.js").Step[], times: number | null, every: string | null}} Sequence */
/** @typedef {{groups: Group[], sequences: Sequence[]}} Quick */

export const LIMIT = Object.freeze({
  groups: 50,
  /** In all groups together. */
  items: 500,
  sequences: 50,
  steps: 200,
  name: 80,
  data: 16 * 1024,
  /** Characters of all of it as JSON: a quarter of what the keepsakes have room for. */
  all: 256 * 1024,
});

/** @returns {Quick} */
export function empty() {
  return { groups: [], sequences: [] };
}

/** @param {Quick} quick */
export function counted(quick) {
  return quick.groups.reduce((sum, group) => sum + group.items.length, 0);
}

/** @param {Quick} quick whether there is room for one item more */
export function hasRoom(quick) {
  return counted(quick) < LIMIT.items && JSON.stringify(quick).length < LIMIT.all - LIMIT.data;
}

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} from
 * @param {number} to the place that it has afterwards
 * @returns {T[]}
 */
export function moved(list, from, to) {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, one);
  return next;
}

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} at
 * @param {T} value at the list's length: one more
 * @returns {T[]}
 */
export function replaced(list, at, value) {
  const next = [...list];
  next[at] = value;
  return next;
}

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} at
 */
export function without(list, at) {
  return list.filter((_, index) => index !== at);
}

/**
 * @param {Quick} quick
 * @param {number} group
 * @param {(items: Item[]) => Item[]} change
 * @returns {Quick}
 */
export function withItems(quick, group, change) {
  const groups = quick.groups.map((one, at) => (at === group ? { ...one, items: change(one.items) } : one));
  return { ...quick, groups };
}

/**
 * What is imported is put behind what is there; a name that is taken gets a number.
 * @param {Quick} here
 * @param {Quick} there
 * @returns {Quick | null} null: together they are too much
 */
export function joined(here, there) {
  const all = {
    groups: named(here.groups, there.groups),
    sequences: named(here.sequences, there.sequences),
  };
  const fits =
    all.groups.length <= LIMIT.groups &&
    all.sequences.length <= LIMIT.sequences &&
    counted(all) <= LIMIT.items &&
    JSON.stringify(all).length <= LIMIT.all;
  return fits ? all : null;
}

/**
 * @template {{name: string}} T
 * @param {T[]} here
 * @param {T[]} there
 * @returns {T[]}
 */
function named(here, there) {
  const taken = new Set(here.map((one) => one.name));
  return there.reduce((all, one) => {
    let name = one.name;
    for (let number = 2; taken.has(name); number += 1) name = `${one.name.slice(0, LIMIT.name - 4)} ${number}`;
    taken.add(name);
    return [...all, { ...one, name }];
  }, here);
}
