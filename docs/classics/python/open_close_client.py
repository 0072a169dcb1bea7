"""open-close, the client: python3 open_close_client.py HOST PORT

The bare calls of a client; each typed line is sent.
"""
import os
import socket
import sys

connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
connection.settimeout(10)
error = connection.connect_ex((sys.argv[1], int(sys.argv[2])))
if error:  # connect_ex raises nothing: who does not look goes on without a connection
    sys.exit(f"connect_ex returned {error}: {os.strerror(error)}")
print("from", connection.getsockname(), "to", connection.getpeername(), file=sys.stderr)
for line in sys.stdin:
    connection.sendall(line.rstrip("\n").encode())
connection.close()
