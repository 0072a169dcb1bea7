"""A small proxy for tests: SOCKS 5 (RFC 1928, 1929) or HTTP CONNECT.

proxy.py socks5|http [login=USER:PASSWORD] [bytewise] [status=N]

Prints its port, then a line for each request. `bytewise` writes its own answers one byte
at a time; `status` refuses every request with that SOCKS reply or HTTP status. The name
`peer.test` is 127.0.0.1 here, and nowhere else.
"""

import base64
import socket
import sys
import threading

KIND = sys.argv[1]
OPTIONS = dict(word.partition("=")[::2] for word in sys.argv[2:])


def exactly(client, count):
    got = b""
    while len(got) < count:
        part = client.recv(count - len(got))
        if not part:
            raise EOFError
        got += part
    return got


def answer(client, data):
    if "bytewise" in OPTIONS:
        for byte in data:
            client.sendall(bytes([byte]))
    else:
        client.sendall(data)


def reach(client, host, port, yes, no):
    print("asked", host, port, flush=True)
    if "status" in OPTIONS:
        return answer(client, no(int(OPTIONS["status"])))
    try:
        peer = socket.create_connection(("127.0.0.1" if host == "peer.test" else host, port))
    except ConnectionRefusedError:
        return answer(client, no(5 if KIND == "socks5" else 502))
    answer(client, yes)
    back = threading.Thread(target=pour, args=(peer, client))
    back.start()
    pour(client, peer)
    back.join()


def pour(source, sink):
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def socks5(client):
    version, count = exactly(client, 2)
    methods = exactly(client, count)
    login = OPTIONS.get("login")
    wanted = 2 if login else 0
    if version != 5 or wanted not in methods:
        return answer(client, b"\x05\xff")
    answer(client, bytes([5, wanted]))
    if login:
        exactly(client, 1)
        user = exactly(client, exactly(client, 1)[0])
        password = exactly(client, exactly(client, 1)[0])
        good = f"{user.decode()}:{password.decode()}" == login
        answer(client, b"\x01\x00" if good else b"\x01\x01")
        if not good:
            return None
    _, _, _, kind = exactly(client, 4)
    if kind == 3:
        host = exactly(client, exactly(client, 1)[0]).decode()
    else:
        family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
        host = socket.inet_ntop(family, exactly(client, size))
    port = int.from_bytes(exactly(client, 2), "big")
    tail = b"\x00\x01\x7f\x00\x00\x01\x00\x01"
    return reach(client, host, port, b"\x05\x00" + tail, lambda n: bytes([5, n]) + tail)


def http(client):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(client, 1)
    first, *fields = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    login = OPTIONS.get("login")
    if login:
        spelt = "Proxy-Authorization: Basic " + base64.b64encode(login.encode()).decode()
        if spelt not in fields:
            return answer(client, b"HTTP/1.1 407 Who are you?\r\nContent-Length: 2\r\n\r\nno")
    assert method == "CONNECT", method
    host, _, port = target.rpartition(":")
    yes = b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"
    no = lambda n: f"HTTP/1.1 {n} Not today\r\nContent-Length: 2\r\n\r\nno".encode()
    return reach(client, host.strip("[]"), int(port), yes, no)


def serve(client):
    try:
        {"socks5": socks5, "http": http}[KIND](client)
    except (EOFError, OSError):
        pass
    finally:
        client.close()


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
