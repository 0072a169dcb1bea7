"""thanks, the server: python3 thanks_server.py HOST PORT [ENCODING [ANSWER]]

One message, one fixed answer, close; then the next client. GBK unless told otherwise.
"""
import socket
import sys

encoding = sys.argv[3] if len(sys.argv) > 3 else "gbk"
answer = sys.argv[4] if len(sys.argv) > 4 else "thank you !"

with socket.socket() as listener:
    # Before the bind: it lets a server start again while old connections are in TIME_WAIT.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        with client:
            try:
                print(client.recv(1024).decode(encoding, errors="replace"), address)
                client.sendall(answer.encode(encoding))
            except ConnectionError as error:
                print(address, error, file=sys.stderr)
