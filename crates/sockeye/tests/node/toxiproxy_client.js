// toxiproxy-node-client's whole client against the API at URL, with an echo server at UPSTREAM.
"use strict";

const assert = require("node:assert");
const net = require("node:net");
const { Toxiproxy, ToxiproxyError } = require("toxiproxy-node-client");

const [url, upstream] = process.argv.slice(2);

function echoed(at, text) {
  const port = Number(at.slice(at.lastIndexOf(":") + 1));
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.on("data", (data) => {
      resolve(data.toString());
      socket.destroy();
    });
  });
}

async function main() {
  const server = new Toxiproxy(url);
  assert.ok(JSON.parse(await server.getVersion()).version);
  assert.deepStrictEqual(await server.getAll(), {});

  const proxy = await server.createProxy({ name: "echo", listen: "localhost:0", upstream });
  assert.ok(proxy.enabled && proxy.upstream === upstream && !proxy.listen.endsWith(":0"));
  assert.strictEqual(await echoed(proxy.listen, "hello"), "hello");
  const again = server.createProxy({ name: "echo", listen: "localhost:0", upstream });
  await assert.rejects(again, (error) => error instanceof ToxiproxyError && /409/.test(error));
  await assert.rejects(server.get("nobody"), /404/);

  const down = await proxy.update({ enabled: false, listen: proxy.listen, upstream });
  assert.strictEqual(down.enabled, false);
  await assert.rejects(echoed(proxy.listen, "x"), /ECONNREFUSED/);
  assert.strictEqual((await proxy.update({ enabled: true, listen: proxy.listen, upstream })).enabled, true);

  const toxic = await proxy.addToxic({ type: "latency", attributes: { latency: 300, jitter: 0 } });
  assert.deepStrictEqual(
    toxic.toJson(),
    { attributes: { jitter: 0, latency: 300 }, name: "latency_downstream", stream: "downstream", toxicity: 1, type: "latency" },
  );
  const begun = performance.now();
  assert.strictEqual(await echoed(proxy.listen, "late"), "late");
  assert.ok(performance.now() - begun >= 299);
  const changed = await toxic.update({ attributes: { latency: 1 }, toxicity: 0.25 });
  assert.deepStrictEqual([changed.attributes, changed.toxicity], [{ jitter: 0, latency: 1 }, 0.25]);
  assert.strictEqual((await proxy.getToxic(toxic.name)).toxicity, 0.25);
  await toxic.remove();
  await assert.rejects(proxy.getToxic(toxic.name), /404/);

  for (const [type, attributes] of [
    ["slow_close", { delay: 1 }],
    ["timeout", { timeout: 0 }],
    ["reset_peer", { timeout: 1 }],
    ["slicer", { average_size: 64, delay: 10, size_variation: 32 }],
    ["limit_data", { bytes: 100 }],
    ["bandwidth", { rate: 1 }],
  ]) {
    const made = await proxy.addToxic({ type, attributes, stream: "upstream", toxicity: 0.5 });
    assert.deepStrictEqual([made.attributes, made.toxicity], [attributes, 0.5]);
  }
  await server.reset();
  await assert.rejects(proxy.getToxic("timeout_upstream"), /404/);

  const byName = proxy.listen.replace("127.0.0.1", "localhost");
  const populated = await server.populate([{ name: "echo", listen: byName, upstream }, { name: "more", listen: "localhost:0", upstream }]);
  assert.deepStrictEqual(Object.keys(populated), ["echo", "more"]);
  assert.strictEqual(populated.echo.listen, proxy.listen);
  for (const one of Object.values(await server.getAll())) {
    await one.remove();
  }
  assert.deepStrictEqual(await server.getAll(), {});
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
