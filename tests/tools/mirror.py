#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server on this machine whose folders serve the files of a directory well or badly: mirror.py DIRECTORY LOG

Prints its port, then serves until it is killed; LOG gets a line for each request, its path. /good/NAME is the file;
/moved leads there; /corrupt has one byte changed; /truncated promises more than it sends; /short ends early and says so;
/long has one byte too many; /forbidden answers 403; /page answers every request with a page; /hanging never answers;
/stalling stops half-way.
"""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIRECTORY, LOG = sys.argv[1:]


def damaged(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1:]


class Mirror(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(LOG, 'a') as log:
            log.write(self.path + '\n')
        _, kind, name = self.path.split('/')
        with open(os.path.join(DIRECTORY, name), 'rb') as file:
            content = file.read()
        half = content[:len(content) // 2]
        if kind == 'hanging':
            time.sleep(3600)
        elif kind == 'forbidden':
            self.send_error(403)
        elif kind == 'moved':
            self.send_response(302)
            self.send_header('Location', '/good/' + name)
            self.end_headers()
        elif kind == 'stalling':
            self.answer(half, len(content))
            time.sleep(3600)
        elif kind == 'truncated':
            self.answer(half, len(content))
        else:
            self.answer({'good': content, 'corrupt': damaged(content), 'short': half, 'long': content + b'\0',
                         'page': b'<html>Log in to this network</html>'}[kind])

    def answer(self, body, promised=None):
        self.send_response(200)
        self.send_header('Content-Length', str(promised or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(('127.0.0.1', 0), Mirror)
print(server.server_port, flush=True)
server.serve_forever()
