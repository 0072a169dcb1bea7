"""toxiproxy-python's whole client against HOST:PORT, with an echo server at UPSTREAM."""

import socket
import sys
import time

import requests
from toxiproxy import Toxiproxy
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists


def echoed(at, text):
    host, port = at.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as conversation:
        conversation.sendall(text)
        return conversation.recv(len(text))


def refused(at):
    try:
        echoed(at, b"x")
    except ConnectionRefusedError:
        return True
    return False


def raises(kind, call, *words, **named):
    try:
        call(*words, **named)
    except kind:
        return True
    return False


(host, port), upstream = sys.argv[1].rsplit(":", 1), sys.argv[2]
server = Toxiproxy()
server.update_api_consumer(host, int(port))
assert server.running() and b"version" in server.version()

proxy = server.create(upstream=upstream, name="echo")
assert proxy.enabled and proxy.upstream == upstream and not proxy.listen.endswith(":0")
assert echoed(proxy.listen, b"hello") == b"hello"
assert raises(ProxyExists, server.create, upstream=upstream, name="echo")
assert server.get_proxy("echo").listen == proxy.listen and server.get_proxy("other") is None

with proxy.down():
    assert refused(proxy.listen) and not server.get_proxy("echo").enabled
assert echoed(proxy.listen, b"again") == b"again"

proxy.add_toxic(type="latency", attributes={"latency": 300, "jitter": 0})
proxy.add_toxic(type="bandwidth", stream="upstream", name="narrow", attributes={"rate": 1000})
assert raises(InvalidToxic, proxy.add_toxic, type="nonsense")
assert raises(InvalidToxic, proxy.add_toxic, type="latency", stream="sideways")
assert raises(ProxyExists, proxy.add_toxic, type="latency")
begun = time.monotonic()
assert echoed(proxy.listen, b"late") == b"late"
assert time.monotonic() - begun >= 0.3
toxics = proxy.toxics()
assert sorted(toxics) == ["latency_downstream", "narrow"]
assert toxics["latency_downstream"].attributes["latency"] == 300
assert toxics["narrow"].stream == "upstream" and toxics["narrow"].toxicity == 1.0
assert proxy.destroy_toxic("narrow") and proxy.get_toxic("narrow") is None
assert raises(NotFound, proxy.destroy_toxic, "narrow")

for kind, attributes in [
    ("slow_close", {"delay": 1}),
    ("timeout", {"timeout": 0}),
    ("reset_peer", {"timeout": 1}),
    ("slicer", {"average_size": 64, "size_variation": 32, "delay": 10}),
    ("limit_data", {"bytes": 100}),
]:
    proxy.add_toxic(type=kind, stream="upstream", toxicity=0.5, attributes=attributes)
    toxic = proxy.get_toxic(kind + "_upstream")
    assert (toxic.attributes, toxic.toxicity) == (attributes, 0.5), vars(toxic)

proxy.disable()
assert server.reset() and proxy.toxics() == {} and server.get_proxy("echo").enabled
assert echoed(proxy.listen, b"reset") == b"reset"

made = server.populate([
    {"name": "echo", "upstream": upstream, "listen": proxy.listen},
    {"name": "more", "upstream": upstream, "listen": "127.0.0.1:0"},
])
assert [proxy.name for proxy in made] == ["more"]
answer = requests.post(
    f"http://{host}:{port}/populate",
    json=[{"name": "more", "upstream": upstream, "listen": made[0].listen}, {"name": "less"}],
    timeout=10,
)
expected = {
    "error": "missing required field: upstream at proxy 2", "status": 400, "proxies": None,
}
assert answer.status_code == 400 and answer.json() == expected, answer.text
server.destroy_all()
assert server.proxies() == {} and refused(proxy.listen)
assert raises(NotFound, proxy.destroy)
print("done")
