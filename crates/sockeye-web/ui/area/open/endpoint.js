/**
 * Endpoints written from the parts of a form, as the command line writes them. Pure; whether one is right
 * is the server's to say.
 */

/**
 * A host as it stands before a port: IPv6 in brackets.
 * @param {string} host
 */
export function bracketed(host) {
  const bare = host.trim().replace(/^\[(.*)\]$/, "$1");
  return bare.includes(":") ? `[${bare}]` : bare;
}

/**
 * A path, with what has a meaning of its own in an endpoint as `%XX`.
 * @param {string} path
 */
export function escaped(path) {
  return path.trim().replace(/[%?#]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * @param {string} text an endpoint, perhaps with options
 * @param {[name: string, value: string | null | undefined][]} options null or empty: left out; `true`: a flag
 */
export function withOptions(text, options) {
  const given = options.filter(([, value]) => value).map(([name, value]) => (value === "true" ? name : `${name}=${value}`));
  if (given.length === 0) return text;
  return `${text}${text.includes("?") ? "&" : "?"}${given.join("&")}`;
}

/**
 * The address that reaches everybody of a subnet (RFC 919): of `192.168.1.20/24` it is 192.168.1.255.
 * @param {string} address
 * @returns {string | null} null: IPv6, which has none, or too small a subnet
 */
export function broadcastOf(address) {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(address);
  if (!found) return null;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = found.slice(1).map(Number);
  if (a === 127 || prefix > 30) return null;
  const bits = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const all = (bits | (prefix === 0 ? 0xffffffff : 0xffffffff >>> prefix)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (all >>> shift) & 255).join(".");
}

/**
 * The scheme of an endpoint; TCP where none is written.
 * @param {string} endpoint
 */
export function schemeOf(endpoint) {
  return /^([a-z]+):(?!\d+$)/.exec(endpoint)?.[1] ?? "tcp";
}
