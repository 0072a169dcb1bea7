"""chat, the server: python3 chat_server.py HOST PORT

One client, which speaks first; each message is answered by a typed line. Who receives `bye`
closes and does not answer.
"""
import socket
import sys


def typed():
    """The next typed line. An empty one would send no byte, and both sides would wait."""
    while not (text := input()):
        print("an empty line is not sent", file=sys.stderr)
    return text


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    client, address = listener.accept()
    print("from", address, file=sys.stderr)

with client:
    while data := client.recv(1024):  # nothing: the peer has closed
        text = data.decode(errors="replace")
        print(text)
        if text == "bye":
            break
        client.sendall(typed().encode())
