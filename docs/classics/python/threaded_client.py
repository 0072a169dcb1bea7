"""threaded, the client: python3 threaded_client.py HOST PORT

Sends a typed line, prints the answer. `q`, or the end of stdin, ends.
"""
import socket
import sys


def typed():
    try:
        while not (text := input()):
            print("an empty line is not sent", file=sys.stderr)
        return text
    except EOFError:
        return "q"


with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    text = ""
    while text != "q":
        text = typed()
        server.sendall(text.encode())
        data = server.recv(1024)
        if not data:
            break
        print(data.decode(errors="replace"))
