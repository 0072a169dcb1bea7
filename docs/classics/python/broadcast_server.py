"""broadcast, the listener: python3 broadcast_server.py HOST PORT

Prints each datagram and its sender. To hear broadcasts HOST must be 0.0.0.0 (or the
broadcast address): a socket bound to one address gets what is sent to that address alone.
"""
import socket
import sys

with socket.socket(type=socket.SOCK_DGRAM) as server:
    # Several listeners on one machine; on Linux each of them gets each broadcast.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((sys.argv[1], int(sys.argv[2])))
    print("listening on {}:{}".format(*server.getsockname()), file=sys.stderr)
    while True:
        data, address = server.recvfrom(65535)
        print(data.decode(errors="replace"), address)
