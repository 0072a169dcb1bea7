/**
 * How a page gets in: the launch code in the address, and the token it is exchanged for. The token lies in
 * sessionStorage, which no other tab, origin or port can read; no cookie is ever used.
 */

import { ApiError } from "./api.js";

const PLACE = "sockeye.token";

/** A code is base64url of 128 bits; deep links begin with a slash. */
const CODE = /^[A-Za-z0-9_-]{16,64}$/;

/**
 * The launch code in what somebody pasted: the whole link, or the code alone.
 * @param {string} text
 * @returns {string | null}
 */
export function codeIn(text) {
  const trimmed = text.trim();
  const hash = trimmed.indexOf("#");
  const code = hash < 0 ? trimmed : trimmed.slice(hash + 1);
  return CODE.test(code) ? code : null;
}

/**
 * Takes the launch code out of the address, so that neither the history nor a copied link has it.
 * @param {Pick<Location, "hash" | "pathname" | "search">} location
 * @param {Pick<History, "replaceState">} history
 * @returns {string | null}
 */
export function takeCode(location, history) {
  const code = location.hash.length > 1 ? codeIn(location.hash) : null;
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/**
 * @param {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage
 */
export function createPass(storage) {
  /** @type {string | null} */
  let token = null;
  try {
    token = storage?.getItem(PLACE) ?? null;
  } catch {
    // A browser that keeps nothing: the token lives as long as the page.
  }
  return {
    token: () => token,
    /** @param {string | null} news */
    keep(news) {
      token = news;
      try {
        if (news === null) storage?.removeItem(PLACE);
        else storage?.setItem(PLACE, news);
      } catch {
        // As above.
      }
    },
  };
}

/**
 * Exchanges a code or a password for a token.
 * @param {{code: string} | {password: string}} proof
 * @returns {Promise<{token: string, may: import("./types.js").Scope[]}>} or throws an ApiError
 */
export async function enter(proof) {
  let response;
  try {
    response = await fetch("/api/enter", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(proof),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    throw new ApiError(0, { code: "offline", text: "the server does not answer" });
  }
  const said = await response.json().catch(() => null);
  if (response.ok && typeof said?.token === "string") return said;
  throw new ApiError(response.status, said?.code ? said : { code: "E-denied", text: `the server answered ${response.status}` });
}
