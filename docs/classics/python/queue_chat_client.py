"""queue-chat, the client: python3 queue_chat_client.py HOST PORT

A connection for each typed line: the server answers once and closes. `bye` is not sent: it
would stop the server for everybody.
"""
import socket
import sys

for line in sys.stdin:
    text = line.rstrip("\n")
    if text == "bye":
        break
    if not text:
        print("an empty line is not sent", file=sys.stderr)
        continue
    with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
        server.sendall(text.encode())
        answer = b""
        while piece := server.recv(1024):  # the close is the answer's end
            answer += piece
    print(answer.decode(errors="replace"), flush=True)
