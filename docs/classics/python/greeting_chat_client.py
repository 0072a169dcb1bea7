"""greeting-chat, the client: python3 greeting_chat_client.py HOST PORT

The server speaks first. `bye`, or the end of stdin, ends the talk.
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
    while data := server.recv(1024):
        print(data.decode(errors="replace"))
        text = typed()
        server.sendall(text.encode())
        if text == "bye":
            break
