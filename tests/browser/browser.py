#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Opens a page in a headless Chromium and waits until its canvas shows a
picture, to the pixel.  Speaks the DevTools protocol over a pipe.

usage: browser.py [-t SECONDS] [-s SHOT.png] [-i | -k TEXT | -x] TRUTH.ppm URL
  -t  give up after so long (60)
  -s  leave a screenshot of the page
  -i  then click at 40,30 of the picture and type "aB"
  -k  then type this file, as on a US keyboard, with Shift where it is needed,
      and before each eighth character move and click; each click is printed,
      "click X Y"
  -x  wait for another picture of that size instead, neither black nor the
      truth for 3 s
       browser.py --start DIR
Starts a Chromium for all calls that find DIR in FBC_BROWSER, each with cookies,
cache and storage of its own; prints its process group, which is to be killed.

Exit status 0 when it was seen.  Whatever the page complains about, among it what
its security policy forbids, goes to standard error and is a failure, too."""
import argparse
import base64
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
--disable-dev-shm-usage --disable-extensions --no-default-browser-check
--hide-scrollbars --force-device-scale-factor=1 --window-size=1000,760
--remote-debugging-pipe""".split()

# The canvas as width, height and RGB in base64; null: none yet.
LOOK = """(() => {
    const c = document.querySelector(
        '#noVNC_container canvas, #screen canvas');
    if (!c || !c.width || !c.height)
        return null;
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    const rgb = new Uint8Array(c.width * c.height * 3);
    for (let i = 0, j = 0; i < d.length; i += 4) {
        rgb[j++] = d[i];
        rgb[j++] = d[i + 1];
        rgb[j++] = d[i + 2];
    }
    let s = '';
    for (let i = 0; i < rgb.length; i += 8192)
        s += String.fromCharCode.apply(null, rgb.subarray(i, i + 8192));
    const r = c.getBoundingClientRect();
    return {width: c.width, height: c.height, rgb: btoa(s),
            x: r.left, y: r.top, scaled: r.width != c.width};
})()"""

# A US keyboard: what browsers call the keys, with both characters of each.
KEYS = {"Key" + c.upper(): (c, c.upper()) for c in "abcdefghijklmnopqrstuvwxyz"}
KEYS.update(("Digit" + c, (c, s)) for c, s in zip("1234567890", "!@#$%^&*()"))
KEYS.update({
    "Minus": "-_", "Equal": "=+", "BracketLeft": "[{", "BracketRight": "]}",
    "Semicolon": ";:", "Quote": "'\"", "Backquote": "`~", "Backslash": "\\|",
    "Comma": ",<", "Period": ".>", "Slash": "/?", "Space": "  "})
PLACE = {c: (code, shift) for code, both in KEYS.items()
         for shift, c in reversed(list(enumerate(both)))}

# What noVNC and browsers ask for, and do without.
EXPECTED = ("/package.json", "Couldn't fetch package.json", "/favicon.ico")


def read_ppm(path):
    with open(path, "rb") as f:
        data = f.read()
    magic, width, height, maxval = data.split(maxsplit=4)[:4]
    assert magic == b"P6" and maxval == b"255"
    width, height = int(width), int(height)
    return width, height, data[-3 * width * height:]


def chromium(folder, to_it, from_it):
    """Starts it with these two as its ends of the pipe."""
    def child():
        a, b = os.dup(to_it), os.dup(from_it)
        a, b = (os.dup(x) if x in (3, 4) else x for x in (a, b))
        os.dup2(a, 3)
        os.dup2(b, 4)

    with open(os.path.join(folder, "log"), "wb") as log:
        return subprocess.Popen(
            ["chromium", *FLAGS, "--user-data-dir=" + folder, "about:blank"],
            preexec_fn=child, pass_fds=(3, 4), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            env={**os.environ, "HOME": folder})


def start(folder):
    """One that outlives us: it has both ends of each pipe, which never ends."""
    ends = []
    for name in "to", "from":
        os.mkfifo(os.path.join(folder, name))
        ends.append(os.open(os.path.join(folder, name), os.O_RDWR))
    print(chromium(folder, *ends).pid)


class Browser:
    def __init__(self, folder, deadline):
        self.process, shared = None, os.environ.get("FBC_BROWSER")
        if shared:
            self.out = os.open(os.path.join(shared, "to"), os.O_WRONLY)
            self.inp = os.open(os.path.join(shared, "from"), os.O_RDONLY)
        else:
            to_it, self.out = os.pipe()
            self.inp, from_it = os.pipe()
            self.process = chromium(folder, to_it, from_it)
            os.close(to_it)
            os.close(from_it)
        # What was asked before, and not read, has other numbers.
        self.buf, self.id = b"", os.getpid() * 1000
        self.deadline, self.session = deadline, None
        self.complaints = []

    def message(self):
        while b"\0" not in self.buf:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                raise TimeoutError("the browser did not answer in time")
            data = os.read(self.inp, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.buf += data
        text, self.buf = self.buf.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.id += 1
        m = {"id": self.id, "method": method, "params": params}
        if self.session:
            m["sessionId"] = self.session
        os.write(self.out, json.dumps(m).encode() + b"\0")
        while True:
            m = self.message()
            if m.get("id") == self.id:
                if "error" in m:
                    raise RuntimeError(f"{method}: {m['error']['message']}")
                return m["result"]
            self.event(m)

    def event(self, m):
        if m.get("sessionId") != self.session:
            return
        p = m.get("params", {})
        text = None
        if m.get("method") == "Log.entryAdded":
            e = p["entry"]
            if e["level"] == "error":
                text = f"{e['text']} {e.get('url', '')}"
        elif m.get("method") == "Runtime.exceptionThrown":
            text = json.dumps(p["exceptionDetails"])
        elif m.get("method") == "Runtime.consoleAPICalled":
            if p["type"] in ("error", "assert"):
                text = " ".join(str(a.get("value", a.get("description")))
                                for a in p["args"])
        if text and not any(x in text for x in EXPECTED):
            self.complaints.append(text)

    def open(self, url):
        self.context = self.call(
            "Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank",
                           browserContextId=self.context)
        self.session = self.call(
            "Target.attachToTarget", targetId=target["targetId"],
            flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log":
            self.call(domain + ".enable")
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise RuntimeError(f"{url}: {answer['errorText']}")

    def evaluate(self, script):
        r = self.call("Runtime.evaluate", expression=script,
                      returnByValue=True)
        return r["result"].get("value")

    def screenshot(self, path):
        png = self.call("Page.captureScreenshot")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(png))

    def click(self, look, x, y):
        # The canvas may begin in the middle of a pixel.
        at = {"x": math.ceil(look["x"]) + x, "y": math.ceil(look["y"]) + y}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **at)
        for kind, buttons in ("mousePressed", 1), ("mouseReleased", 0):
            self.call("Input.dispatchMouseEvent", type=kind, button="left",
                      buttons=buttons, clickCount=1, **at)

    def key(self, kind, key, code, shift):
        self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code,
                  modifiers=8 * shift, location=int(key == "Shift"))

    def input(self, look):
        self.click(look, 40, 30)
        for key, shift in ("a", 0), ("B", 1):
            for kind in "keyDown", "keyUp":
                self.key(kind, key, "Key" + key.upper(), shift)

    def type(self, look, text):
        held = 0
        for i, c in enumerate(text):
            if i % 8 == 0:
                x, y = 10 + i * 7 % 400, 20 + i * 13 % 300
                self.click(look, x, y)
                print("click", x, y, flush=True)
            code, shift = PLACE[c]
            if shift != held:
                self.key("keyDown" if shift else "keyUp", "Shift", "ShiftLeft",
                         shift)
                held = shift
            for kind in "keyDown", "keyUp":
                self.key(kind, c, code, shift)
        if held:
            self.key("keyUp", "Shift", "ShiftLeft", 0)
        # A page that is closed sends nothing more.
        time.sleep(3)

    def end(self):
        try:
            self.session = None
            self.deadline = time.monotonic() + 5
            if not self.process:
                self.call("Target.disposeBrowserContext",
                          browserContextId=self.context)
                return
            self.call("Browser.close")
            self.process.wait(5)
        except Exception:
            pass
        if not self.process:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def differing(look, truth):
    if not look:
        return "there is no canvas"
    width, height, rgb = truth
    if (look["width"], look["height"]) != (width, height):
        return f"the canvas has {look['width']}x{look['height']} pixels"
    have = base64.b64decode(look["rgb"])
    if have == rgb:
        return "the canvas is scaled" if look["scaled"] else None
    n = sum(have[i:i + 3 * width] != rgb[i:i + 3 * width]
            for i in range(0, len(rgb), 3 * width))
    return f"{n} rows differ"


def wait_for_truth(b, truth):
    """Yields what is wrong yet; None: nothing any more."""
    while True:
        look = b.evaluate(LOOK)
        why = differing(look, truth)
        yield look, why
        if not why:
            return
        time.sleep(0.2)


def wait_for_other(b, truth):
    since = None
    while not since or time.monotonic() - since < 3:
        look = b.evaluate(LOOK)
        other = look and (look["width"], look["height"]) == truth[:2] and \
            any(base64.b64decode(look["rgb"])) and differing(look, truth)
        since = (since or time.monotonic()) if other else None
        yield look, "no other picture was seen"
        time.sleep(0.5)
    yield look, None


def main():
    if sys.argv[1:2] == ["--start"]:
        start(sys.argv[2])
        return 0
    a = argparse.ArgumentParser()
    a.add_argument("-t", type=float, default=60)
    a.add_argument("-s")
    a.add_argument("-i", action="store_true")
    a.add_argument("-k")
    a.add_argument("-x", action="store_true")
    a.add_argument("truth")
    a.add_argument("url")
    a = a.parse_args()
    truth = read_ppm(a.truth)
    why = "nothing was seen"
    with tempfile.TemporaryDirectory() as folder:
        b = Browser(folder, time.monotonic() + a.t)
        try:
            b.open(a.url)
            for look, why in (wait_for_other if a.x else wait_for_truth)(
                    b, truth):
                pass
            if a.i:
                b.input(look)
            if a.k:
                with open(a.k, encoding="ascii") as f:
                    b.type(look, f.read())
            if a.s:
                b.screenshot(a.s)
        except (TimeoutError, EOFError, RuntimeError) as e:
            print(f"browser: {e}: {why}", file=sys.stderr)
            if a.s and not isinstance(e, EOFError):
                b.deadline = time.monotonic() + 5
                b.screenshot(a.s)
            why = why or str(e)
        finally:
            b.end()
    for text in b.complaints:
        print("browser: the page complains: " + text, file=sys.stderr)
    return 1 if why or b.complaints else 0


sys.exit(main())
