"""open-close, the server: python3 open_close_server.py HOST PORT

The bare calls of a server, for one client: what comes is printed and sent back.
"""
import socket
import sys

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    listener.bind((sys.argv[1], int(sys.argv[2])))
except OSError as error:  # in use, not an address of this machine, not allowed
    sys.exit(f"bind: {error}")
listener.listen(5)
print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
connection, address = listener.accept()
listener.close()  # nobody else gets in; the connection lives on
print("from", address, "at", connection.getsockname(), file=sys.stderr)
while data := connection.recv(1024):
    print(data.decode(errors="replace"))
    connection.sendall(data)
connection.close()
