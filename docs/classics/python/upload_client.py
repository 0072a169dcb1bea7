"""upload, the client: python3 upload_client.py HOST PORT FILE

Length and header in one write, then the file piece by piece. No answer is foreseen: whether
it was saved, only the server knows.
"""
import json
import os
import socket
import struct
import sys

path = sys.argv[3]
size = os.path.getsize(path)
# No `filepath`: where the file lies is nobody's business.
header = json.dumps(
    {"filepath": "", "filename": os.path.basename(path), "filesize": size}
).encode()

with open(path, "rb") as file:
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
        server.sendall(struct.pack("i", len(header)) + header)
        sent = server.sendfile(file, count=size) if size else 0
if sent != size:
    sys.exit(f"the file has shrunk: {sent} of {size} bytes sent")
