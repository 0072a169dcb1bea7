/**
 * Times, sizes, rates and shares as `--fault` writes them: read from text, and written back
 * exactly, in the largest unit that they are a whole number of. The relay reads them with the
 * same rules (`sockeye-text/src/units.rs`, `fault/show.rs`).
 */

/** @typedef {{ read: (text: string) => number | null, write: (value: number) => string }} Quantity */

/** @type {Record<string, number>} nanoseconds */
const TIMES = { h: 3600e9, m: 60e9, s: 1e9, "": 1e9, ms: 1e6, us: 1e3, "µs": 1e3, ns: 1 };

/** @type {Record<string, number>} */
const SIZES = {
  "": 1, b: 1, k: 1024, kib: 1024, m: 1024 ** 2, mib: 1024 ** 2, g: 1024 ** 3, gib: 1024 ** 3,
  kb: 1e3, mb: 1e6, gb: 1e9,
};

/**
 * A number and a unit; the result is whole.
 * @param {string} text
 * @param {(unit: string) => number | undefined} unit
 */
function one(text, unit) {
  const found = /^(\d+(?:\.\d+)?)\s*([a-zµ]*)$/iu.exec(text.trim());
  const scale = found ? unit(found[2] ?? "") : undefined;
  if (!found || scale === undefined) return null;
  const value = Math.round(Number(found[1]) * scale);
  return Number.isSafeInteger(value) ? value : null;
}

/**
 * @param {number} value
 * @param {readonly (readonly [name: string, size: number])[]} units largest first; the last has size 1
 */
function exact(value, units) {
  const [name, size] = units.find(([, size]) => value > 0 && value % size === 0) ?? units[units.length - 1] ?? ["", 1];
  return `${value / size}${name}`;
}

/** Nanoseconds: `50ms`, `1.5s`, `1m30s`. @type {Quantity} */
export const time = {
  read(text) {
    let total = 0;
    let above = Infinity;
    const parts = text.trim().match(/\d+(?:\.\d+)?\s*[a-zµ]*\s*/giu) ?? [];
    if (parts.length === 0 || parts.join("") !== text.trim()) return null;
    for (const part of parts) {
      const unit = /[a-zµ]*\s*$/u.exec(part)?.[0].trim() ?? "";
      const size = TIMES[unit];
      const value = one(part, (name) => TIMES[name]);
      if (size === undefined || value === null || size >= above || (unit === "" && parts.length > 1)) return null;
      above = size;
      total += value;
    }
    return Number.isSafeInteger(total) ? total : null;
  },
  write: (value) => (value === 0 ? "0s" : exact(value, [["s", 1e9], ["ms", 1e6], ["us", 1e3], ["ns", 1]])),
};

/** Bytes: `512`, `10KiB`. @type {Quantity} */
export const size = {
  read: (text) => one(text, (unit) => SIZES[unit.toLowerCase()]),
  write: (value) => exact(value, [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024], ["", 1]]),
};

/** Plain bytes, as `split` and `size` write them. @type {Quantity} */
export const count = { read: size.read, write: String };

/**
 * Bits a second. Written in bits where it is a round number of kbit, else in bytes; both are
 * exact.
 * @type {Quantity}
 */
export const rate = {
  read(text) {
    const bare = text.trim().replace(/\/s$/, "").trim();
    const bits = /bit$/.test(bare);
    const value = bits ? one(bare.slice(0, -3), (unit) => SIZES[`${unit.toLowerCase()}b`]) : size.read(bare);
    return value ? (bits ? value : value * 8) : null;
  },
  write(value) {
    if (value % 1e3 === 0) return `${exact(value, [["Mbit", 1e6], ["kbit", 1e3]])}`;
    return value % 8 === 0 ? size.write(value / 8) : `${value}bit`;
  },
};

/** Millionths of the whole: `5%`, `0.5%`. @type {Quantity} */
export const share = {
  read(text) {
    const found = /^(\d+)(?:\.(\d+))?\s*%?$/.exec(text.trim());
    if (!found) return null;
    const value = Number(found[1]) * 10_000 + Number(`${found[2] ?? ""}0000`.slice(0, 4));
    return value <= 1_000_000 ? value : null;
  },
  write(value) {
    const part = String(value % 10_000).padStart(4, "0").replace(/0+$/, "");
    return `${Math.floor(value / 10_000)}${part ? `.${part}` : ""}%`;
  },
};
