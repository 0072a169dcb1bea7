"""hmac-chat, the server: python3 hmac_chat_server.py HOST PORT SECRET_FILE [DIGEST]

32 random bytes; the client answers with their HMAC under the secret; `legal`, or the close.
Then texts in turn, the client first, until `q`.
"""
import hmac
import os
import socket
import sys

digest = sys.argv[4] if len(sys.argv) > 4 else "md5"
with open(sys.argv[3], "rb") as file:
    secret = file.read().removesuffix(b"\n").removesuffix(b"\r")


def typed():
    while not (text := input()):
        print("an empty line is not sent", file=sys.stderr)
    return text


def exactly(client, count):
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            raise ConnectionError("closed in the middle of the proof")
        data += piece
    return data


def talk(client):
    challenge = os.urandom(32)
    client.settimeout(10)
    client.sendall(challenge)
    expected = hmac.digest(secret, challenge, digest)
    if not hmac.compare_digest(exactly(client, len(expected)), expected):
        print("refused", file=sys.stderr)
        return
    client.sendall(b"legal")
    client.settimeout(None)
    while data := client.recv(1024):
        text = data.decode(errors="replace")
        print(text)
        answer = "q" if text in ("q", "Q") else typed()
        client.sendall(answer.encode())
        if answer == "q":
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
            except OSError as error:
                print(address, error, file=sys.stderr)
