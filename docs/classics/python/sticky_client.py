"""sticky, the client: python3 sticky_client.py HOST PORT [together]

Two sends back to back, or one of both words.
"""
import socket
import sys

together = sys.argv[3:] == ["together"]

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    if together:
        server.sendall(b"hello feng")
    else:
        server.sendall(b"hello")
        server.sendall(b"feng")
