import assert from "node:assert/strict";
import { test } from "node:test";
import { draftOf, formOf, missing, remembered, REMEMBERED } from "../../ui/area/open/draft.js";
import { bracketed, broadcastOf, escaped, schemeOf, withOptions } from "../../ui/area/open/endpoint.js";
import { KINDS } from "../../ui/area/open/kinds.js";

/** @type {any} */
const about = { exec: false, encodings: ["auto"], framings: [], checksums: [], interfaces: [], endpoints: [], serial: [], classics: [], faults: [] };
/** @type {(kind: string, values?: Record<string, string>, options?: any[]) => any} */
const draft = (kind, values = {}, options = []) => draftOf({ kind, values, options }, about);

test("each kind writes its endpoint as the command line does", () => {
  /** @type {[string, Record<string, string>, string, string][]} */
  const table = [
    ["server", { bind: "127.0.0.1", port: "8888" }, "listen", "tcp://127.0.0.1:8888"],
    ["server", { bind: "*", port: "" }, "listen", "tcp://*:0"],
    ["client", { host: "::1", port: "80" }, "connect", "tcp://[::1]:80"],
    ["udp", { role: "listen", bind: "*", port: "5000" }, "listen", "udp://*:5000"],
    ["udp", { role: "connect", host: "example.org", port: "53" }, "connect", "udp://example.org:53"],
    ["broadcast", { role: "connect", everybody: "192.168.1.255", port: "8080" }, "connect", "udp://192.168.1.255:8080"],
    ["broadcast", { role: "listen", port: "8080" }, "listen", "udp://*:8080"],
    ["multicast", { role: "listen", group: "239.1.2.3", port: "5000", iface: "eth0", ttl: "4" }, "listen", "udp://239.1.2.3:5000?iface=eth0"],
    ["multicast", { role: "connect", group: "ff02::1", port: "5000", ttl: "4" }, "connect", "udp://[ff02::1]:5000?ttl=4"],
    ["unix", { role: "listen", path: "/tmp/a?b#c%" }, "listen", "unix:/tmp/a%3Fb%23c%25"],
    ["unix", { role: "connect", path: "@name", datagrams: "true" }, "connect", "unixgram:@name"],
    ["tls", { role: "connect", host: "h", port: "443", trust: "insecure", ca: "left over" }, "connect", "tls://h:443?insecure"],
    ["tls", { role: "connect", host: "h", port: "443", trust: "pin", pin: "sha256:AA", sni: "x" }, "connect", "tls://h:443?pin=sha256:AA&sni=x"],
    ["tls", { role: "listen", bind: "127.0.0.1", port: "443", cert: "c.pem", key: "k.pem", sni: "x" }, "listen", "tls://127.0.0.1:443?cert=c.pem&key=k.pem"],
    ["websocket", { role: "connect", host: "h", port: "80", "url-path": "chat", subprotocol: "mqtt" }, "connect", "ws://h:80/chat?subprotocol=mqtt"],
    ["websocket", { role: "connect", host: "h", port: "443", secure: "true" }, "connect", "wss://h:443/"],
    ["serial", { device: "/dev/ttyUSB0", baud: "9600", data: "8", parity: "even", stop: "1", flow: "none" }, "connect", "serial:/dev/ttyUSB0?baud=9600&parity=even"],
    ["typed", { role: "listen", endpoint: " ws://*:1/x " }, "listen", "ws://*:1/x"],
  ];
  for (const [kind, values, does, endpoint] of table) {
    const got = draft(kind, values);
    assert.deepEqual([got.do, got.endpoint], [does, endpoint]);
  }
});

test("what is empty is not given, lists are lists", () => {
  const got = draft("server", { port: "1", frame: "", on: "a => b\n\n c => d ", allow: "10.0.0.0/8, ::1", reply: "", "close-after-reply": "true", exec: "sh" });
  assert.deepEqual(got, { do: "listen", endpoint: "tcp://127.0.0.1:1", on: ["a => b", "c => d"], allow: ["10.0.0.0/8", "::1"] });
});

test("what only a server has does not go with a client", () => {
  const got = draft("client", { host: "h", port: "1", "max-conns": "3", reply: "echo", reconnect: "1s" });
  assert.deepEqual(got, { do: "connect", endpoint: "tcp://h:1", reconnect: "1s" });
});

test("options go behind what the form wrote", () => {
  assert.equal(draft("multicast", { role: "connect", group: "239.1.1.1", port: "1", ttl: "2" }, [{ name: "nodelay", value: "true" }, { name: "rcvbuf", value: "" }]).endpoint, "udp://239.1.1.1:1?ttl=2&nodelay");
});

test("a relay and a replay are written without an endpoint of their own making", () => {
  assert.deepEqual(draft("relay", { a: " 1 ", b: "h:2", fault: "", seed: "9" }), { do: "relay", a: "1", b: "h:2" });
  assert.deepEqual(draft("replay", { tape: "3", conversation: "2", side: "accept", against: "8888", speed: "max" }), { do: "replay", tape: 3, conversation: 2, endpoint: "8888", "as-server": true, speed: "max" });
});

test("a draft fills a form that writes the same draft", () => {
  for (const one of /** @type {any[]} */ ([
    { do: "listen", endpoint: "tcp://127.0.0.1:8888", on: ["a => b", "c => d"], reply: "echo" },
    { do: "connect", endpoint: "tcp://[::1]:9", frame: "len:u16" },
    { do: "connect", endpoint: "serial:/dev/ttyS0?baud=9600", eol: "crlf" },
    { do: "listen", endpoint: "tcp://192.168.1.20:1" },
    { do: "connect", endpoint: "udp://239.1.2.3:5000" },
    { do: "relay", a: "1", b: "h:2", fault: "drop 1%", seed: "7" },
    { do: "replay", tape: 3, conversation: 1, endpoint: "8888" },
  ])) {
    assert.deepEqual(draftOf(formOf(one), about), one);
  }
});

test("the first field that is needed and empty is named", () => {
  assert.equal(missing({ kind: "client", values: { host: "", port: "" }, options: [] }), "host");
  assert.equal(missing({ kind: "tls", values: { role: "connect", host: "h", port: "1", trust: "pin" }, options: [] }), "pin");
  assert.equal(missing({ kind: "tls", values: { role: "listen", port: "1" }, options: [] }), null);
});

test("the same command is remembered once, the newest first, and no more than fit", () => {
  /** @type {any} */
  let kept = "what another version left";
  const one = (/** @type {number} */ n) => ({ form: { kind: "client", values: { port: String(n) }, options: [] }, command: `c${n}` });
  for (let n = 0; n < 30; n += 1) kept = remembered(kept, one(n));
  kept = remembered(kept, one(20));
  assert.equal(kept.length, REMEMBERED);
  assert.deepEqual(kept.slice(0, 2).map((/** @type {any} */ each) => each.command), ["c20", "c29"]);
});

test("parts of endpoints", () => {
  assert.equal(bracketed("[fe80::1%eth0]"), "[fe80::1%eth0]");
  assert.equal(escaped(" /a b "), "/a b");
  assert.equal(broadcastOf("192.168.1.20/24"), "192.168.1.255");
  assert.equal(broadcastOf("10.1.2.3/12"), "10.15.255.255");
  for (const none of ["127.0.0.1/8", "10.0.0.1/32", "fe80::1/64", "x"]) assert.equal(broadcastOf(none), null);
  assert.deepEqual(["localhost:80", "host:1", "udp://x:1", "unix:/p", "8888"].map(schemeOf), ["tcp", "tcp", "udp", "unix", "tcp"]);
  assert.equal(withOptions("a?b", [["c", "1"]]), "a?b&c=1");
});

test("no two kinds have one name", () => {
  assert.equal(new Set(KINDS.map(({ id }) => id)).size, KINDS.length);
});
