/**
 * What can be opened, each with the fields it needs and how its endpoint is written from them. Data, no page.
 */

import { bracketed, broadcastOf, escaped, withOptions } from "./endpoint.js";

/** @typedef {import("../../core/types.js").About} About */
/** @typedef {import("../../core/types.js").Draft} Draft */
/** @typedef {Record<string, string>} Values what stands in the fields; a check is `true` or empty */
/**
 * @typedef {{
 *   name: string,
 *   type: "text" | "number" | "choice" | "select" | "check" | "lines" | "file",
 *   start?: string,
 *   example?: string,
 *   needed?: boolean,
 *   short?: boolean,
 *   options?: (about: About, runs: import("../../core/types.js").Run[]) => [value: string, label: string][],
 *   suggest?: (about: About) => [value: string, what: string][],
 *   when?: (values: Values) => boolean,
 * }} Field labels are the words `open.field.NAME`; a label of an option that begins with `open.` is a words key
 */
/**
 * @typedef {{
 *   id: string,
 *   icon: string,
 *   fields: Field[],
 *   does: (values: Values) => Draft["do"],
 *   endpoint?: (values: Values) => string,
 *   draft?: (values: Values) => Partial<Draft>,
 * }} Kind
 */

/** @param {Values} values */
const calls = (values) => values.role !== "listen";
/** @param {Values} values */
const listens = (values) => !calls(values);
/** @param {Values} values @returns {Draft["do"]} */
const byRole = (values) => (calls(values) ? "connect" : "listen");

/** @type {Field} */
const role = { name: "role", type: "choice", start: "connect", options: () => [["connect", "open.role.connect"], ["listen", "open.role.listen"]] };
/** @type {Field} */
const host = { name: "host", type: "text", start: "127.0.0.1", example: "192.168.1.10", needed: true, when: calls };
/** @type {Field} */
const port = { name: "port", type: "number", start: "8888", example: "8888", needed: true, short: true };
/** @type {Field} */
const bind = {
  name: "bind",
  type: "select",
  start: "127.0.0.1",
  when: listens,
  options: (about) => [
    ["127.0.0.1", "open.bind.loopback"],
    ["*", "open.bind.all"],
    ...about.interfaces.flatMap(({ name, addresses }) =>
      addresses
        .map((address) => address.replace(/\/\d+$/, ""))
        .filter((address) => address !== "127.0.0.1")
        .map((address) => {
          const scoped = address.startsWith("fe80:") && !address.includes("%") ? `${address}%${name}` : address;
          return /** @type {[string, string]} */ ([scoped, `${name}  ${address}`]);
        }),
    ),
  ],
};

/**
 * `host:port` of the side that is taken.
 * @param {Values} v
 */
const place = (v) => `${calls(v) ? bracketed(v.host ?? "") : bracketed(v.bind || "127.0.0.1")}:${v.port?.trim() || (calls(v) ? "" : "0")}`;

/** @param {string[]} values @returns {() => [string, string][]} */
const plain = (values) => () => values.map((value) => [value, value]);

/** @type {Kind[]} */
export const KINDS = [
  {
    id: "server",
    icon: "in",
    fields: [{ ...bind, when: undefined }, port],
    does: () => "listen",
    endpoint: (v) => `tcp://${place({ ...v, role: "listen" })}`,
  },
  {
    id: "client",
    icon: "out",
    fields: [{ ...host, when: undefined }, port],
    does: () => "connect",
    endpoint: (v) => `tcp://${place({ ...v, role: "connect" })}`,
  },
  { id: "udp", icon: "stream", fields: [role, host, bind, port], does: byRole, endpoint: (v) => `udp://${place(v)}` },
  {
    id: "broadcast",
    icon: "stream",
    fields: [
      role,
      {
        name: "everybody",
        type: "select",
        start: "255.255.255.255",
        when: calls,
        options: (about) => [
          ["255.255.255.255", "open.everybody.network"],
          ...about.interfaces.flatMap(({ name, addresses }) =>
            addresses.flatMap((address) => {
              const all = broadcastOf(address);
              return all ? [/** @type {[string, string]} */ ([all, `${name}  ${all}`])] : [];
            }),
          ),
        ],
      },
      port,
    ],
    does: byRole,
    endpoint: (v) => `udp://${calls(v) ? v.everybody : "*"}:${v.port?.trim() ?? ""}`,
  },
  {
    id: "multicast",
    icon: "stream",
    fields: [
      role,
      { name: "group", type: "text", start: "239.1.2.3", example: "239.1.2.3", needed: true },
      port,
      { name: "iface", type: "select", start: "", options: (about) => [["", "open.iface.any"], ...about.interfaces.map(({ name }) => /** @type {[string, string]} */ ([name, name]))] },
      { name: "ttl", type: "number", start: "", example: "1", short: true, when: calls },
    ],
    does: byRole,
    endpoint: (v) =>
      withOptions(`udp://${bracketed(v.group ?? "")}:${v.port?.trim() ?? ""}`, [
        ["iface", v.iface],
        ["ttl", calls(v) ? v.ttl : null],
      ]),
  },
  {
    id: "unix",
    icon: "file",
    fields: [role, { name: "path", type: "text", example: "/run/app.sock", needed: true }, { name: "datagrams", type: "check" }],
    does: byRole,
    endpoint: (v) => `${v.datagrams ? "unixgram" : "unix"}:${escaped(v.path ?? "")}`,
  },
  {
    id: "tls",
    icon: "check",
    fields: [
      role,
      host,
      bind,
      port,
      {
        name: "trust",
        type: "select",
        start: "system",
        when: calls,
        options: () => [["system", "open.trust.system"], ["ca", "open.trust.ca"], ["pin", "open.trust.pin"], ["insecure", "open.trust.insecure"]],
      },
      { name: "ca", type: "text", example: "/etc/ssl/our-ca.pem", needed: true, when: (v) => calls(v) && v.trust === "ca" },
      { name: "pin", type: "text", example: "sha256:…", needed: true, when: (v) => calls(v) && v.trust === "pin" },
      { name: "sni", type: "text", example: "device.example", when: calls },
      { name: "cert", type: "text", example: "server.pem", when: listens },
      { name: "key", type: "text", example: "server.key", when: listens },
    ],
    does: byRole,
    endpoint: (v) =>
      withOptions(`tls://${place(v)}`, [
        ["ca", calls(v) && v.trust === "ca" ? v.ca : null],
        ["pin", calls(v) && v.trust === "pin" ? v.pin : null],
        ["insecure", calls(v) && v.trust === "insecure" ? "true" : null],
        ["sni", calls(v) ? v.sni : null],
        ["cert", listens(v) ? v.cert : null],
        ["key", listens(v) ? v.key : null],
      ]),
  },
  {
    id: "websocket",
    icon: "link",
    fields: [role, host, bind, port, { name: "url-path", type: "text", start: "/", example: "/chat" }, { name: "secure", type: "check" }, { name: "subprotocol", type: "text", example: "mqtt" }],
    does: byRole,
    endpoint: (v) => withOptions(`${v.secure ? "wss" : "ws"}://${place(v)}${escaped(v["url-path"] ?? "").replace(/^\/*/, "/")}`, [["subprotocol", v.subprotocol]]),
  },
  {
    id: "serial",
    icon: "settings",
    fields: [
      { name: "device", type: "text", needed: true, example: "/dev/ttyUSB0", suggest: (about) => about.serial.map((one) => [one, ""]) },
      { name: "baud", type: "number", start: "115200", short: true, suggest: () => ["9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600"].map((one) => [one, ""]) },
      { name: "data", type: "select", start: "8", short: true, options: plain(["8", "7", "6", "5"]) },
      { name: "parity", type: "select", start: "none", short: true, options: () => ["none", "even", "odd", "mark", "space"].map((one) => [one, `open.parity.${one}`]) },
      { name: "stop", type: "select", start: "1", short: true, options: plain(["1", "2"]) },
      { name: "flow", type: "select", start: "none", short: true, options: () => [["none", "open.flow.none"], ["hard", "open.flow.hard"], ["soft", "open.flow.soft"]] },
    ],
    does: () => "connect",
    // What is usual is left out: the command stays short.
    endpoint: (v) =>
      withOptions(`serial:${escaped(v.device ?? "")}`, [
        ["baud", v.baud],
        ["data", v.data === "8" ? null : v.data],
        ["parity", v.parity === "none" ? null : v.parity],
        ["stop", v.stop === "1" ? null : v.stop],
        ["flow", v.flow === "none" ? null : v.flow],
      ]),
  },
  {
    id: "relay",
    icon: "again",
    fields: [
      { name: "a", type: "text", start: "127.0.0.1:8080", example: "127.0.0.1:8080", needed: true },
      { name: "b", type: "text", example: "192.168.1.10:80", needed: true },
      { name: "fault", type: "text", example: "delay=100ms; drop=1%", suggest: (about) => about.faults.map(({ write, what }) => [write, what]) },
      { name: "seed", type: "number", short: true, when: (v) => Boolean(v.fault) },
    ],
    does: () => "relay",
    draft: (v) => ({ a: v.a?.trim(), b: v.b?.trim(), fault: v.fault?.trim(), seed: v.fault ? v.seed?.trim() : "" }),
  },
  {
    id: "replay",
    icon: "play",
    fields: [
      { name: "tape", type: "select", needed: true, options: (_, runs) => runs.filter((run) => run.events > 0).map((run) => [String(run.id), run.name || run.endpoint || run.command]) },
      { name: "conversation", type: "number", start: "1", short: true },
      { name: "side", type: "choice", start: "dial", options: () => [["dial", "open.side.dial"], ["accept", "open.side.accept"]] },
      { name: "against", type: "text", example: "127.0.0.1:8888", needed: true },
      { name: "speed", type: "select", start: "", short: true, options: () => [["", "open.speed.same"], ["2", "2×"], ["10", "10×"], ["max", "open.speed.max"]] },
    ],
    does: () => "replay",
    draft: (v) => ({ tape: Number(v.tape), conversation: v.conversation ? Number(v.conversation) : undefined, endpoint: v.against?.trim(), "as-server": v.side === "accept" || undefined, speed: v.speed }),
  },
  { id: "tape", icon: "save", fields: [{ name: "file", type: "file", needed: true }], does: () => "tape" },
  {
    id: "lesson",
    icon: "learn",
    fields: [{ name: "program", type: "select", needed: true, options: (about) => about.classics.map(({ program }) => [program, program]) }],
    does: () => "lesson",
  },
  {
    id: "typed",
    icon: "name",
    fields: [role, { name: "endpoint", type: "text", needed: true, example: "tcp://127.0.0.1:8888", suggest: (about) => about.endpoints.map(({ write }) => [write, ""]) }],
    does: byRole,
    endpoint: (v) => v.endpoint?.trim() ?? "",
  },
];

/**
 * @param {string} id
 * @returns {Kind}
 */
export function kindOf(id) {
  const found = KINDS.find((kind) => kind.id === id) ?? KINDS[0];
  if (!found) throw new Error("there is no kind");
  return found;
}
