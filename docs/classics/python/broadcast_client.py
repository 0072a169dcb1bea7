"""broadcast, the sender: python3 broadcast_client.py ADDRESS PORT TEXT [FROM_PORT]

One datagram to a broadcast address, from port 7788 unless told otherwise.
"""
import socket
import sys

source = int(sys.argv[4]) if len(sys.argv) > 4 else 7788

with socket.socket(type=socket.SOCK_DGRAM) as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    client.bind(("", source))
    client.sendto(sys.argv[3].encode(), (sys.argv[1], int(sys.argv[2])))
