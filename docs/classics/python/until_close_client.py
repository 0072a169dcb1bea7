"""until-close, the client: python3 until_close_client.py HOST PORT

Sends each typed line; the end of stdin closes.
"""
import socket
import sys

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    for line in sys.stdin:
        server.sendall(line.rstrip("\n").encode())
