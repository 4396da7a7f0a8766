"""Runs a command in the network namespace it is started in, and lets clients outside
reach its LDAP ports through unix sockets.

usage: relay.py DIR COMMAND ARGUMENT...
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

SIOCSIFFLAGS = 0x8914
IFF_UP_RUNNING = 0x41
PR_SET_PDEATHSIG = 1


def bring_loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP_RUNNING))


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for s in (source, target):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(listener, port):
    while True:
        outer, _ = listener.accept()
        try:
            inner = socket.create_connection(("127.0.0.1", port))
        except OSError:
            outer.close()
            continue
        for pair in ((outer, inner), (inner, outer)):
            threading.Thread(target=copy, args=pair, daemon=True).start()


def die_with_us():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


bring_loopback_up()
for port in (389, 636):
    path = os.path.join(sys.argv[1], "%d.sock" % port)
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    threading.Thread(target=serve, args=(listener, port), daemon=True).start()
child = subprocess.Popen(sys.argv[2:], preexec_fn=die_with_us)
signal.signal(signal.SIGTERM, lambda *_: child.terminate())
sys.exit(child.wait())
