"""download, the client: python3 download_client.py HOST PORT NAME

Asks for NAME and writes `[接收]NAME`, which appears once the file is whole.
"""
import os
import socket
import sys

name = sys.argv[3]
target = f"[接收]{os.path.basename(name)}"

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.settimeout(60)
    server.sendall(name.encode())
    first = server.recv(65536)
    if not first:
        sys.exit("no such file, or an empty one")
    try:
        with open(target + ".part", "wb") as file:
            file.write(first)
            while piece := server.recv(65536):  # to the end, not one recv of 1024
                file.write(piece)
    except OSError:
        os.remove(target + ".part")
        raise
os.replace(target + ".part", target)
