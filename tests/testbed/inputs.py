#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sends sealed input to a guest through QEMU's VNC server, or spoils it.

inputs.py HOST:PORT SESSION.key|- < script

Knows nothing of the C code: records, points and manifests are those of
tests/vectors/fbcref.py.  A line of the script is a command:

  hello [SLOT]            connects; waits until the manifest names it
  key CODE DOWN [CODE DOWN]
  text WORDS              each character down and up, in one record
  move X Y [BUTTONS [WHEEL]]
  challenge NUMBER        waits for its echo
  bye
  pace MS                 time between two records from now on
  sync [SECONDS]          sends again until all is acknowledged, or fails
  wait SECONDS
  unanswered SECONDS      fails if a record is acknowledged meanwhile
  lose TEXT               seals it and sends nothing
  again NUMBER            record NUMBER, of those sealed; 0: the hello
  part NUMBER POINTS      so many points of it
  wrong NUMBER            with a bit flipped
  reverse N               the last N records, the last one first
  plain-key KEYSYM        what a client without sealing would send
  plain-move X Y BUTTONS
  plain-text WORDS
  noise N                 N random positions
  forged N                N records with counters, and tags of nobody's
  pixels FROM TO          one position for each, at (n mod width, n mod height)

Prints a line on each hello, sync and challenge.
"""
import base64
import os
import random
import struct
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "..", d) for d in ("peers", "vectors")]
sys.dont_write_bytecode = True

import fbcref       # noqa: E402  (found by the lines above)
import rfbclient    # noqa: E402

ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "\\zxcvbnm,./")
CODES = {" ": 57, "\n": 28}
for first, row in zip((41, 16, 30, 43), ROWS):
    for i, c in enumerate(row):
        CODES[c] = first + i if first != 41 or not i else 1 + i


class Screen:
    """The shadow, as the VNC server shows it."""

    def __init__(self, address, session, launch):
        self.client = rfbclient.Client(address)
        self.width, self.height = self.client.width, self.client.height
        self.pixels = bytearray(self.width * self.height * 4)
        self.session, self.launch = session, launch
        self.counter = 0
        self.epoch = None
        self.ack, self.conn, self.challenge = [0] * 8, [0] * 8, 0
        self.whole = 0
        self.client.encodings(rfbclient.RAW)
        self.client.ask(0)

    def row(self, x, y, n):
        at = (y * self.width + x) * 4
        p = self.pixels[at:at + n * 4]
        out = bytearray(n * 3)
        out[0::3], out[1::3], out[2::3] = p[0::4], p[1::4], p[2::4]
        return bytes(out)

    def poll(self, seconds):
        """Takes updates for that time; True once a new manifest came."""
        end, news = time.monotonic() + seconds, False
        while self.client.waits(max(0, end - time.monotonic())):
            n = self.client.message()
            if n is None:
                continue
            area = 0
            for _ in range(n):
                x, y, w, h = self.client.rect(rfbclient.RAW)
                data = self.client.get(w * h * 4)
                area += w * h
                for i in range(h):
                    at = ((y + i) * self.width + x) * 4
                    self.pixels[at:at + w * 4] = data[i * w * 4:][:w * 4]
            self.whole += area == self.width * self.height
            self.client.ask(1)
            news |= self.manifest()
        return news

    def drain(self):
        """The server has read all that was sent: it answers a question that
        was asked after that."""
        end = time.monotonic() + 120
        for asks in range(2):
            seen = self.whole if asks else 0
            if asks:
                self.client.ask(0)
            while self.whole <= seen:
                if time.monotonic() > end:
                    sys.exit("inputs.py: the server does not answer")
                self.poll(0.1)

    def header(self):
        h = self.row(0, 0, 32)
        if h[:4] != b"FBS1" or h[7] == 0:
            return False
        if h == self.epoch:
            return True
        self.epoch = h
        self.counter = 0
        self.aead = h[7]
        w, y = struct.unpack("<HH", h[8:12])
        (number,) = struct.unpack("<I", h[32:36])
        _, self.key, self.input_key, key_id = fbcref.epoch_keys(
            self.session, h[36:68], h[16:32], number, w, y, self.aead,
            self.launch)
        if key_id != h[68:76]:
            sys.exit("inputs.py: another session key")
        self.vector = struct.pack("<I", number)
        self.tiles = [(x, 1 + min(b * 16 + 16, y) + b)
                      for b in range((y + 15) // 16)
                      for x in range(0, w, 64)]
        return True

    def counters(self):
        """Of all tiles: in a coded band each has that of the first."""
        out, band = b"", b""
        for x, y in self.tiles:
            record = self.row(x, y, 3)
            if x == 0:
                band = record[:7] if record[7] & 7 else b""
            out += band or record[:7]
        return out

    def manifest(self):
        if not self.session or not self.header():
            return False
        m = self.row(64, 0, 32)
        (counter,) = struct.unpack("<Q", m[:8])
        if counter <= self.counter:
            return False
        aad = self.vector + self.counters()
        nonce, ct = b"\2\0\0\0" + m[:8], m[8:80]
        if self.aead == fbcref.AES256_GCM:
            aes = fbcref.Aes(self.key)
            tag = fbcref._gcm_tag(aes, nonce, aad, ct)
            pt = fbcref._gcm_ctr(aes, nonce, ct)
        else:
            pt, _ = fbcref.chacha_seal(self.key, nonce, b"", ct)
            _, tag = fbcref.chacha_seal(self.key, nonce, aad, pt)
        if tag != m[80:]:
            return False
        self.counter = counter
        self.ack = struct.unpack("<8H", pt[8:24])
        (self.challenge,) = struct.unpack("<Q", pt[24:32])
        self.conn = struct.unpack("<8H", pt[32:48])
        return True


class Sender:
    def __init__(self, screen):
        self.s = screen
        self.pace = 0
        self.records = []
        self.acked = self.resent = 0
        self.slot = None
        self.losing = False

    def points(self, record, n=10):
        for x, y in fbcref.carrier_points(record, self.s.width,
                                          self.s.height)[:n]:
            self.s.client.send(struct.pack(">BBHH", 5, 0, x, y))

    def look(self):
        """Takes over what the last manifest says of our slot."""
        if self.slot is None or self.s.conn[self.slot] != self.seq & 0xffff:
            return False
        behind = (len(self.records) - 1 - self.s.ack[self.slot]) & 0xffff
        if behind < len(self.records):
            self.acked = len(self.records) - 1 - behind
        return True

    def hello(self, slot=0):
        while not self.s.header():
            self.s.poll(0.2)
        self.slot, self.seq = int(slot), int(time.time() * 1000000) | 1
        hello, self.secret = fbcref.input_hello(self.s.input_key, self.slot,
                                             self.seq)
        self.records, self.acked = [hello], 0
        begin = time.monotonic()
        while not self.look():
            if time.monotonic() - begin > 120:
                sys.exit("inputs.py: hello: no answer")
            self.points(hello)
            self.s.poll(0.5)
        print("hello slot %d %.3f s" % (self.slot, time.monotonic() - begin),
              flush=True)

    def seal(self, kind, data):
        r = fbcref.input_record(self.secret, self.slot, len(self.records),
                                fbcref.input_body(kind, data))
        self.records.append(r)
        if not self.losing:
            self.points(r)
        self.s.poll(self.pace)

    def key(self, *words):
        v = [int(w) for w in words]
        self.seal(fbcref.INPUT_KEY, sum(
            (v[i] | v[i + 1] << 15) << 8 * i for i in range(0, len(v), 2)))

    def text(self, *words):
        for c in " ".join(words).replace("\\n", "\n"):
            self.key(CODES[c], 1, CODES[c], 0)

    def move(self, x, y, buttons=0, wheel=0):
        self.seal(fbcref.INPUT_POINTER, int(x) | int(y) << 12 |
                  int(buttons) << 24 | (int(wheel) & 15) << 32)

    def challenge(self, number):
        begin = time.monotonic()
        self.seal(fbcref.INPUT_CHALLENGE, int(number))
        while self.s.challenge != int(number) | self.slot << 56:
            if time.monotonic() - begin > 120:
                sys.exit("inputs.py: challenge: no answer")
            self.s.poll(0.05)
        print("challenge %.3f s" % (time.monotonic() - begin), flush=True)

    def bye(self):
        self.seal(fbcref.INPUT_BYE, 0)

    def sync(self, seconds=None):
        begin = last = moved = time.monotonic()
        resent = 0
        while True:
            was = self.acked
            self.s.poll(0.05)
            self.look()
            now = time.monotonic()
            if self.acked == len(self.records) - 1:
                break
            if self.acked > was:
                last = moved = now
            elif now - last > 1.5:
                for r in self.records[self.acked + 1:][:32]:
                    self.points(r)
                    resent += 1
                last = now
            # Unless told otherwise it is patient as long as there is progress.
            if now - begin > float(seconds) if seconds else now - moved > 120:
                sys.exit("inputs.py: %d of %d records acknowledged" %
                         (self.acked, len(self.records) - 1))
        print("sync %d records, %d sent again, %.3f s" %
              (self.acked, resent, now - begin), flush=True)

    def unanswered(self, seconds):
        self.s.poll(0.2)
        self.look()
        was, before = (self.acked, self.s.conn), self.s.counter
        end = time.monotonic() + 60
        self.s.poll(float(seconds))
        while self.s.counter == before:
            if time.monotonic() > end:
                sys.exit("inputs.py: there is no manifest")
            self.s.poll(0.2)
        self.look()
        if (self.acked, self.s.conn) != was:
            sys.exit("inputs.py: record %d was taken" % self.acked)

    def lose(self, *words):
        self.losing = True
        self.text(*words)
        self.losing = False

    def again(self, number):
        self.points(self.records[int(number)])

    def part(self, number, n):
        self.points(self.records[int(number)], int(n))

    def wrong(self, number):
        r = bytearray(self.records[int(number)])
        r[15] ^= 1
        self.points(bytes(r))

    def reverse(self, n):
        for r in reversed(self.records[-int(n):]):
            self.points(r)

    def plain_key(self, keysym):
        self.s.client.key(1, int(keysym, 0))
        self.s.client.key(0, int(keysym, 0))

    def plain_text(self, *words):
        for c in " ".join(words):
            self.plain_key(str(ord(c)))

    def forged(self, n):
        for i in range(int(n)):
            self.points(struct.pack("<BH", self.slot or 0,
                                    (len(self.records) + i) & 0xffff) +
                        os.urandom(13))

    def pixels(self, first, end):
        for i in range(int(first), int(end)):
            self.plain_move(i % self.s.width, i % self.s.height, 0)
            self.s.poll(self.pace)

    def plain_move(self, x, y, buttons):
        self.s.client.send(struct.pack(">BBHH", 5, int(buttons), int(x),
                                       int(y)))

    def noise(self, n):
        for _ in range(int(n)):
            self.plain_move(random.randrange(self.s.width),
                            random.randrange(self.s.height), 0)

    def run(self, line):
        name, *words = line.split()
        if name == "pace":
            self.pace = float(words[0]) / 1000
        elif name == "wait":
            self.s.poll(float(words[0]))
        else:
            getattr(self, name.replace("-", "_"))(*words)


payload = b""
if sys.argv[2] != "-":
    with open(sys.argv[2], encoding="ascii") as f:
        payload = base64.b64decode(f.read().strip().split(":")[-1])
# A session key file: the key, and from version 2 a launch digest at 88; the
# last four bytes are a checksum.
sender = Sender(Screen(sys.argv[1], payload[:32], payload[88:-4][:32]))
for command in sys.stdin:
    if command.strip():
        sender.run(command)
sender.s.drain()
