"""Classic HMAC chat server: SECRET DIGEST ANSWER... Each text takes the next answer."""
import hmac
import os
import socket
import sys

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(5)
print(server.getsockname()[1], flush=True)
answers = iter(sys.argv[3:])
while True:
    conn, address = server.accept()
    challenge = os.urandom(32)
    conn.sendall(challenge)
    proof = conn.recv(1024)
    wanted = hmac.new(sys.argv[1].encode("utf-8"), challenge, sys.argv[2]).digest()
    if not hmac.compare_digest(proof, wanted):
        conn.close()
        continue
    conn.send("legal".encode("utf-8"))
    while True:
        text = conn.recv(1024).decode("utf-8")
        print(text, flush=True)
        if not text:
            break
        if text.upper() == "Q":
            conn.send("q".encode("utf-8"))
            break
        answer = next(answers)
        conn.send(answer.encode("utf-8"))
        if answer == "q":
            break
    conn.close()
