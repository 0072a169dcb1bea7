"""The other side, for the recording. Messages are told by a frame: lf, crlf, u8, u16 or u32.

    peer.py say PORT FRAME TEXT…   calls; says each, and waits for its answer
    peer.py push FRAME TEXT…       listens, prints its port; at `go` says all, one after the other
"""

import socket
import sys
import time


def framed(frame, text):
    data = text.encode()
    if frame in ("lf", "crlf"):
        return data + (b"\n" if frame == "lf" else b"\r\n")
    return len(data).to_bytes(int(frame[1:]) // 8, "big") + data


def say(port, frame, *texts):
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as connection:
        for text in texts:
            connection.sendall(framed(frame, text))
            assert connection.recv(65536), "no answer"
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def push(frame, *texts):
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert connection.recv(100) == b"go\n"
        for text in texts:
            connection.sendall(framed(frame, text))
            # Messages of their own, as somebody who pushes news says them.
            time.sleep(0.05)


{"say": say, "push": push}[sys.argv[1]](*sys.argv[2:])
