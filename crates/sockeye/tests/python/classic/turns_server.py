"""Servers as the courses teach them: one recv(1024) is taken for one message.

    turns_server.py PROGRAM PORT ENCODING ANSWER...

What comes is printed, a line each. Answers come from the command line in place of input().
"""
import socket
import socketserver
import sys
import threading

program, port, encoding = sys.argv[1], int(sys.argv[2]), sys.argv[3]
answers = iter(sys.argv[4:])
here = ("127.0.0.1", port)
sys.stdout.reconfigure(encoding="utf-8")


def tell(data):
    print(data.decode(encoding), flush=True)


def tcp():
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(here)
    server.listen(5)
    return server


def udp():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(here)
    return server


def greeting_chat():
    conn, _ = tcp().accept()
    while True:
        conn.send(next(answers).encode(encoding))
        data = conn.recv(1024)
        tell(data)
        if data.decode(encoding) == "bye":
            break
    conn.close()


def chat():
    conn, _ = tcp().accept()
    while True:
        data = conn.recv(1024)
        tell(data)
        if data.decode(encoding) == "bye":
            break
        conn.send(next(answers).encode(encoding))
    conn.close()


def queue_chat():
    server = tcp()
    while True:
        conn, _ = server.accept()
        data = conn.recv(1024)
        tell(data)
        if data.decode(encoding) == "bye":
            conn.close()
            break
        conn.send(next(answers).encode(encoding))
        conn.close()


def thanks():
    conn, _ = tcp().accept()
    tell(conn.recv(1024))
    conn.send("thank you !".encode(encoding))
    conn.close()


def until_close():
    conn, _ = tcp().accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
        tell(data)
    conn.close()


def udp_chat():
    server = udp()
    while True:
        data, peer = server.recvfrom(1024)
        tell(data)
        server.sendto(next(answers, "nobody hears this").encode(encoding), peer)
        if data == b"bye":
            break


def udp_once():
    data, _ = udp().recvfrom(1024)
    tell(data)


def upper():
    server = udp()
    for _ in range(int(next(answers))):
        data, peer = server.recvfrom(1024)
        server.sendto(data.upper(), peer)


def sticky():
    """Waits until everything is there, so that the reads do not depend on the moment."""
    first, second = int(next(answers)), int(next(answers))
    conn, _ = tcp().accept()
    conn.recv(10, socket.MSG_PEEK | socket.MSG_WAITALL)
    tell(conn.recv(first))
    tell(conn.recv(second))
    conn.close()


def threaded():
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while True:
                data = self.request.recv(1024)
                if not data:
                    break
                tell(data)
                if data == b"q":
                    self.request.send(data)
                    break
                self.request.send(data.upper())

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    server = socketserver.ThreadingTCPServer(here, Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


globals()[program]()
