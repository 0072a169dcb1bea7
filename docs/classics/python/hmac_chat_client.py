"""hmac-chat, the client: python3 hmac_chat_client.py HOST PORT SECRET_FILE [DIGEST]

Proves that it has the secret, then speaks first. `q`, or the end of stdin, ends the talk.
"""
import hmac
import socket
import sys

digest = sys.argv[4] if len(sys.argv) > 4 else "md5"
with open(sys.argv[3], "rb") as file:
    secret = file.read().removesuffix(b"\n").removesuffix(b"\r")


def typed():
    try:
        while not (text := input()):
            print("an empty line is not sent", file=sys.stderr)
        return text
    except EOFError:
        return "q"


def exactly(server, count):
    data = b""
    while len(data) < count:
        piece = server.recv(count - len(data))
        if not piece:
            sys.exit("the server closed: is it the same secret, and the same digest?")
        data += piece
    return data


with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.settimeout(10)
    server.sendall(hmac.digest(secret, exactly(server, 32), digest))
    if exactly(server, 5) != b"legal":
        sys.exit("not what an hmac-chat server says")
    server.settimeout(None)
    text = ""
    while text != "q":
        server.sendall(typed().encode())
        data = server.recv(1024)
        if not data:
            break
        text = data.decode(errors="replace")
        print(text)
