"""open-close, the client: python3 open_close_client.py HOST PORT [TEXT]

The bare calls of a client: one text out, one recv, close.
"""
import os
import socket
import sys

text = sys.argv[3] if len(sys.argv) > 3 else "hello"

connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
connection.settimeout(10)
error = connection.connect_ex((sys.argv[1], int(sys.argv[2])))
if error:  # connect_ex raises nothing: who does not look goes on without a connection
    sys.exit(f"connect_ex returned {error}: {os.strerror(error)}")
print("from", connection.getsockname(), "to", connection.getpeername(), file=sys.stderr)
connection.sendall(text.encode())
print(connection.recv(1024).decode(errors="replace"))
connection.close()
