"""The echo that somebody writes in Python in a minute: a thread a client, or all datagrams in a loop.

    python3 echo.py tcp PORT
    python3 echo.py udp PORT
"""

import socket
import socketserver
import sys


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 4096


kind, port = sys.argv[1], int(sys.argv[2])
if kind == "tcp":
    Server(("127.0.0.1", port), Echo).serve_forever()
else:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", port))
    while True:
        data, peer = door.recvfrom(65536)
        door.sendto(data, peer)
