"""upper, the client: python3 upper_client.py HOST PORT

Sends each typed line as a datagram and prints the answer.
"""
import socket
import sys

with socket.socket(type=socket.SOCK_DGRAM) as client:
    client.connect((sys.argv[1], int(sys.argv[2])))
    client.settimeout(10)
    for line in sys.stdin:
        client.send(line.rstrip("\n").encode())
        print(client.recv(65535).decode(errors="replace"), flush=True)
