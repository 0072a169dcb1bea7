"""greeting-chat, the server: python3 greeting_chat_server.py HOST PORT

Greets each client, then both talk in turn until the client says `bye`. One client at a time.
"""
import socket
import sys


def typed():
    """The next typed line. An empty one would send no byte, and both sides would wait."""
    while not (text := input()):
        print("an empty line is not sent", file=sys.stderr)
    return text


def talk(client):
    while True:
        client.sendall(typed().encode())
        data = client.recv(1024)
        if not data:  # the client has closed without a word
            return
        text = data.decode(errors="replace")
        print(text)
        if text == "bye":
            return


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        print("from", address, file=sys.stderr)
        with client:
            try:
                talk(client)
            except ConnectionError as error:  # one client's RST is not the server's end
                print(address, error, file=sys.stderr)
