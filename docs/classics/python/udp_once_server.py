"""udp-once, the receiver: python3 udp_once_server.py HOST PORT [ENCODING]

Receives one datagram, prints it and its sender, and ends.
"""
import socket
import sys

encoding = sys.argv[3] if len(sys.argv) > 3 else "utf-8"

with socket.socket(type=socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], int(sys.argv[2])))
    print("listening on {}:{}".format(*server.getsockname()), file=sys.stderr)
    data, address = server.recvfrom(65535)
print(data.decode(encoding, errors="replace"), address)
