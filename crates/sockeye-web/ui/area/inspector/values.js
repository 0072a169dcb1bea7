/**
 * What chosen bytes are as numbers, times and bits. Pure. One row a meaning, in both byte orders.
 */

/** @typedef {{name: string, le: string, be: string}} Value `le` and `be` the same where there is no order */

/** @param {DataView} data @param {number} bits @param {boolean} signed @param {boolean} little */
function integer(data, bits, signed, little) {
  let value = 0n;
  const count = bits / 8;
  for (let at = 0; at < count; at += 1) value = (value << 8n) | BigInt(data.getUint8(little ? count - 1 - at : at));
  return signed ? BigInt.asIntN(bits, value) : value;
}

/**
 * A number written in ASCII digits, as instruments send them.
 * @param {Uint8Array} bytes
 */
function digits(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 40)).trim();
  return bytes.length <= 40 && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : null;
}

/**
 * @param {Uint8Array} bytes the chosen ones; a number is read from the first of them
 * @returns {Value[]}
 */
export function numbers(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** @type {Value[]} */
  const list = [];
  for (const bits of [8, 16, 24, 32, 64]) {
    if (bytes.length * 8 < bits) continue;
    for (const signed of [false, true]) {
      const of = (/** @type {boolean} */ little) => String(integer(data, bits, signed, little));
      list.push({ name: `${signed ? "i" : "u"}${bits}`, le: of(true), be: of(false) });
    }
  }
  if (bytes.length >= 4) list.push({ name: "f32", le: float(data.getFloat32(0, true), 8), be: float(data.getFloat32(0, false), 8) });
  if (bytes.length >= 8) list.push({ name: "f64", le: float(data.getFloat64(0, true), 16), be: float(data.getFloat64(0, false), 16) });
  if (bytes.length > 0) {
    const bits = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(2).padStart(8, "0")).join(" ");
    list.push({ name: "bits", le: bits, be: bits });
  }
  const ascii = digits(bytes);
  if (ascii !== null) list.push({ name: "ascii", le: ascii, be: ascii });
  return list;
}

/** @param {number} value @param {number} precision */
function float(value, precision) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(precision))) : String(value);
}

/** From 1990 to 2100: other numbers are hardly times. */
const EARLIEST = 631_152_000;
const LATEST = 4_102_444_800;
/** @type {[unit: string, perSecond: number][]} */
const UNITS = [["s", 1], ["ms", 1e3], ["µs", 1e6]];

/**
 * Unix times that the first four or eight bytes could be.
 * @param {Uint8Array} bytes
 * @returns {{unit: string, bits: number, little: boolean, unixMs: number}[]}
 */
export function times(bytes) {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = [];
  for (const bits of [32, 64]) {
    if (bytes.length * 8 < bits) continue;
    for (const little of [true, false]) {
      const value = Number(integer(data, bits, false, little));
      for (const [unit, per] of UNITS) {
        const seconds = value / per;
        if (seconds >= EARLIEST && seconds < LATEST) found.push({ unit, bits, little, unixMs: seconds * 1000 });
      }
    }
  }
  return found;
}
