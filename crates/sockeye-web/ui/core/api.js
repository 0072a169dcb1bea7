/**
 * The server's HTTP, as calls. It keeps no answers, and it repeats none: what failed is thrown.
 */

/** @typedef {import("./types.js").Params} Params */
/** @typedef {import("./types.js").Failure} Failure */

/** What the server refused, in its own words; status 0 and code `offline`: there was no answer. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Failure} failure
   */
  constructor(status, failure) {
    super(failure.text);
    this.name = "ApiError";
    this.status = status;
    this.code = failure.code;
    this.text = failure.text;
    this.hint = failure.hint ?? null;
    this.field = failure.field ?? null;
  }
}

/**
 * @param {string} path
 * @param {Params | null} [params]
 * @returns {string}
 */
export function address(path, params) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function refusal(response) {
  try {
    const said = await response.json();
    if (typeof said?.code === "string") return new ApiError(response.status, said);
  } catch {
    // A body that is not ours tells less than the status does.
  }
  return new ApiError(response.status, { code: "E-io", text: `the server answered ${response.status}` });
}

/**
 * @param {{token: () => string | null, expired: () => void}} pass `expired` is called when the token is no longer good
 * @returns {import("./types.js").Api}
 */
export function createApi({ token, expired }) {
  /**
   * @param {string} method
   * @param {string} url
   * @param {{body?: BodyInit, type?: string, etag?: string | null, signal?: AbortSignal}} [more]
   */
  async function ask(method, url, { body, type, etag, signal } = {}) {
    const headers = new Headers();
    const bearer = token();
    if (bearer) headers.set("authorization", `Bearer ${bearer}`);
    if (type) headers.set("content-type", type);
    if (etag) headers.set("if-match", etag);
    let response;
    try {
      response = await fetch(url, { method, headers, body, signal, cache: "no-store", credentials: "omit", redirect: "error" });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, { code: "offline", text: "the server does not answer" });
    }
    if (response.ok) return response;
    const failure = await refusal(response);
    if (response.status === 401 && bearer && bearer === token()) expired();
    throw failure;
  }

  /**
   * What was only asked may be wrong without anything having failed: it is told in the answer.
   * @param {Response} response
   */
  async function value(response) {
    if (response.status === 204) return null;
    const told = await response.json();
    if (told?.refused) throw new ApiError(400, told.refused);
    return told;
  }

  /** @param {unknown} body */
  const json = (body) => (body === undefined ? {} : { body: JSON.stringify(body), type: "application/json" });

  return {
    get: async (path, params, options) => value(await ask("GET", address(path, params), options)),
    post: async (path, body) => value(await ask("POST", path, json(body))),
    remove: async (path) => value(await ask("DELETE", path)),
    async put(path, body, { etag } = {}) {
      const response = await ask("PUT", path, { ...json(body), etag });
      const tag = response.headers.get("etag");
      const text = await response.text();
      return { value: text ? JSON.parse(text) : null, etag: tag };
    },
    putBytes: async (path, params, bytes) =>
      value(await ask("PUT", address(path, params), { body: new Blob([new Uint8Array(bytes)]), type: "application/octet-stream" })),
    async bytes(path, params) {
      const response = await ask("GET", address(path, params));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { bytes, length: Number(response.headers.get("sockeye-length") ?? bytes.length) };
    },
    blob: async (path, params) => (await ask("GET", address(path, params))).blob(),
    async tagged(path) {
      const response = await ask("GET", path);
      return { value: await response.json(), etag: response.headers.get("etag") };
    },
  };
}
