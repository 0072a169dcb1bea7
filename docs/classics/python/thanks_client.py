"""thanks, the client: python3 thanks_client.py HOST PORT [ENCODING]

One typed line out, the answer in, up to the server's close. GBK unless told otherwise.
"""
import socket
import sys

encoding = sys.argv[3] if len(sys.argv) > 3 else "gbk"

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.sendall(input().encode(encoding))
    answer = b""
    while piece := server.recv(1024):
        answer += piece
print(answer.decode(encoding, errors="replace"))
