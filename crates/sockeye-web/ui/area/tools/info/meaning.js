/**
 * What a row of the socket's report means, as a key of the words. Names are those of
 * setsockopt(2) and of the TCP_INFO report; one that is not known here is shown without.
 */

const KNOWN = new Set([
  "local", "peer", "role", "open", "transport",
  "SO_REUSEADDR", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_BROADCAST", "SO_LINGER", "SO_RCVBUF", "SO_SNDBUF", "SO_RCVTIMEO", "SO_SNDTIMEO",
  "TCP_NODELAY", "TCP_QUICKACK", "TCP_CORK", "TCP_MAXSEG", "TCP_CONGESTION", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT",
  "IP_TTL", "IP_TOS", "IPV6_V6ONLY", "IPV6_UNICAST_HOPS", "IPV6_TCLASS",
  "rtt", "retransmits", "cwnd", "ssthresh", "mss", "unacknowledged", "unsent", "unread", "acknowledged", "received", "delivery rate",
]);

/**
 * @param {string} name
 * @returns {string | null}
 */
export function meaning(name) {
  return KNOWN.has(name) ? `tools.info.is.${name.replaceAll(" ", "-")}` : null;
}

/** Every name that has a meaning. */
export const NAMES = [...KNOWN];

/**
 * Rows that are worth a look: bytes that nobody takes, segments that were lost.
 * @param {string} name
 * @param {string} value as the server says it
 */
export function alarming(name, value) {
  const count = Number.parseInt(value.replaceAll(/[,_\s]/g, ""), 10);
  return (name === "retransmits" || name === "unread" || name === "unsent") && count > 0;
}
