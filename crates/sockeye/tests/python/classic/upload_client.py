"""Classic upload client: PORT FILE. Length, header and file in pieces of 1024."""
import json
import os
import socket
import struct
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
path = sys.argv[2]
header = {
    "filepath": os.path.dirname(path),
    "filename": os.path.basename(path),
    "filesize": os.path.getsize(path),
}
text = json.dumps(header).encode("utf-8")
client.send(struct.pack("i", len(text)))
client.send(text)
with open(path, "rb") as file:
    while True:
        data = file.read(1024)
        if not data:
            break
        client.sendall(data)
client.close()
