"""Classic download server: ROOT. Serves one client after the other."""
import os
import socket
import sys

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(5)
print(server.getsockname()[1], flush=True)
while True:
    conn, address = server.accept()
    name = conn.recv(1024).decode("utf-8")
    path = os.path.join(sys.argv[1], name)
    if os.path.isfile(path):
        with open(path, "rb") as file:
            while True:
                data = file.read(1024)
                if not data:
                    break
                conn.sendall(data)
    conn.close()
