"""chat, the client: python3 chat_client.py HOST PORT

It speaks first. `bye`, or the end of stdin, ends the talk; so does a `bye` that comes.
"""
import socket
import sys


def typed():
    """The next typed line, `bye` once stdin has ended. An empty line is not sent."""
    try:
        while not (text := input()):
            print("an empty line is not sent", file=sys.stderr)
        return text
    except EOFError:
        return "bye"


with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    while True:
        server.sendall(typed().encode())
        data = server.recv(1024)
        if not data:  # the server has closed: after our `bye` it does
            break
        text = data.decode(errors="replace")
        print(text)
        if text == "bye":
            break
