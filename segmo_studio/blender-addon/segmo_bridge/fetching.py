# SPDX-License-Identifier: GPL-3.0-or-later
"""The take over HTTP from the Studio on this computer. Knows nothing of Blender."""

import contextlib
import http.client
import json
import re
import socket
import threading
import urllib.parse

LOOPBACK = re.compile(r"(?:http://)?(127\.0\.0\.1|localhost):(\d{1,5})/?")
HINT = "in SegMo Studio, choose File > Blender bridge, and copy address and token anew"
_PATH = "/takes/current."
_FACTS_BYTES = "SegMo-Facts-Bytes"
_SECONDS = 300  # the Studio may have a job of its own to end first
_MAX_BYTES = 512 * 1024 * 1024
_CHUNK = 256 * 1024


class BridgeError(Exception):
    """One sentence for the user."""


class Transfer:
    """A take on its way, in a thread of its own.

    wishes: what the Studio is asked for besides the format (see its bridge). ``done`` when ``content`` and ``facts``
    are there, or ``error``, a sentence. share: of the file that has arrived, None while the Studio still writes it.
    """

    def __init__(self, address, token, file_format, wishes):
        self._address, self._token = address.strip(), token.strip()
        self._path = f"{_PATH}{file_format}?{urllib.parse.urlencode(wishes)}"
        self._socket = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.is_cancelled = False
        self.done = False
        self.share = None
        self.content, self.facts, self.error = b"", {}, ""

    def start(self):
        self._thread.start()

    def run(self):
        """In this thread, to the end."""
        self._run()

    def cancel(self):
        self.is_cancelled = True
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):  # closed by itself in the meantime
                connection.shutdown(socket.SHUT_RDWR)

    def _run(self):
        try:
            self.content, self.facts = self._fetch()
        except BridgeError as error:
            self.error = str(error)
        finally:
            self.done = True

    def _fetch(self):
        match = LOOPBACK.fullmatch(self._address)
        if match is None or not 0 < int(match.group(2)) < 65536:
            raise BridgeError(f"Address {self._address[:80]!r}: expected one such as 127.0.0.1:50000; {HINT}")
        if not self._token or not self._token.isascii() or not self._token.isprintable():
            raise BridgeError(f"The token is missing: {HINT}")
        # Straight to this computer: without the proxies of the environment, and no answer sends the token elsewhere.
        connection = http.client.HTTPConnection(match.group(1), int(match.group(2)), timeout=_SECONDS)
        try:
            connection.connect()
            self._socket = connection.sock
            connection.request("GET", self._path, headers={"Authorization": f"Bearer {self._token}"})
            return self._take(connection.getresponse())
        except TimeoutError:
            raise BridgeError(f"SegMo Studio did not answer within {_SECONDS} seconds") from None
        except ConnectionRefusedError:
            raise BridgeError(
                f"SegMo Studio is not running at {match.group(0)}, or its bridge is off: {HINT}"
            ) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            if self.is_cancelled:
                raise BridgeError("The transfer was cancelled") from None
            reason = " ".join(str(error).split()) or type(error).__name__
            raise BridgeError(f"What answers at {match.group(0)} is no SegMo Studio ({reason[:80]}): {HINT}") from None
        finally:
            self._socket = None
            connection.close()

    def _take(self, answer):
        if answer.status != http.client.OK:
            raise BridgeError(_sentence_of(answer))
        size, facts_size = _whole(answer, "Content-Length"), _whole(answer, _FACTS_BYTES)
        if not 0 < facts_size < size <= _MAX_BYTES:
            raise BridgeError(f"{size} bytes were announced, expected a take of at most {_MAX_BYTES}")
        body = bytearray()
        while len(body) < size:
            part = answer.read(min(_CHUNK, size - len(body)))
            if self.is_cancelled:
                raise BridgeError("The transfer was cancelled")
            if not part:
                raise BridgeError(f"The take was cut off after {len(body)} of {size} bytes: fetch it again")
            body += part
            self.share = len(body) / size
        facts = json.loads(body[:facts_size].decode("utf-8"))
        if not isinstance(facts, dict):
            raise ValueError("facts that are no JSON object")
        return bytes(body[facts_size:]), facts


def _whole(answer, name):
    text = answer.headers.get(name, "")
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"no {name}")
    return int(text)


def _sentence_of(answer):
    try:
        return " ".join(str(json.loads(answer.read(65536))["error"]).split())
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        return f"What answers there is no SegMo Studio (HTTP {answer.status}): {HINT}"
