"""Classic upload server: ROOT. Serves one client after the other."""
import json
import os
import socket
import struct
import sys

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(5)
print(server.getsockname()[1], flush=True)
while True:
    conn, address = server.accept()
    head = conn.recv(4)
    length = struct.unpack("i", head)[0]
    header = json.loads(conn.recv(length).decode("utf-8"))
    print(json.dumps(header), flush=True)
    size, got = header["filesize"], 0
    with open(os.path.join(sys.argv[1], header["filename"]), "wb") as file:
        while got < size:
            data = conn.recv(min(2048, size - got))
            if not data:
                break
            file.write(data)
            got += len(data)
    conn.close()
