"""upper, the server: python3 upper_server.py HOST PORT

Answers each datagram with its bytes in upper case (ASCII letters only).
"""
import socket
import sys

with socket.socket(type=socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], int(sys.argv[2])))
    print("listening on {}:{}".format(*server.getsockname()), file=sys.stderr)
    while True:
        data, address = server.recvfrom(65535)
        server.sendto(data.upper(), address)
