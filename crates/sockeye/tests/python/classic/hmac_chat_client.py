"""Classic HMAC chat client: PORT SECRET DIGEST TEXT..."""
import hmac
import socket
import sys

client = socket.socket()
client.connect(("127.0.0.1", int(sys.argv[1])))
challenge = client.recv(1024)
client.send(hmac.new(sys.argv[2].encode("utf-8"), challenge, sys.argv[3]).digest())
if client.recv(1024) != b"legal":
    print("refused")
    sys.exit(1)
for text in sys.argv[4:]:
    client.send(text.encode("utf-8"))
    answer = client.recv(1024).decode("utf-8")
    print(answer, flush=True)
    if answer == "q":
        break
client.close()
