"""Opens a page in headless Chromium and says what it did: requests, console, dialogs, structure, contrast.

    python3 browser.py PAGE FOLDER

Speaks the DevTools protocol over a pipe (--remote-debugging-pipe: descriptors 3 and 4, messages end with NUL), so that
nothing listens anywhere. Leaves light.png, dark.png, print.png and print.pdf in FOLDER; prints JSON.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

DEADLINE = 50
OWN = (".google.com", ".googleapis.com", ".gstatic.com", ".gvt1.com")
NAMES = ("chromium", "chromium-browser", "google-chrome")

FACTS = """(() => {
  const luminance = c => {
    const part = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
    return 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  };
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = colour(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let contrast = 21, worst = "";
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const [a, b] = [luminance(colour(getComputedStyle(element).color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < contrast) { contrast = ratio; worst = element.outerHTML.slice(0, 120); }
  }
  const count = selector => document.querySelectorAll(selector).length;
  return JSON.stringify({
    lang: document.documentElement.lang, title: document.title, text: document.body.innerText, contrast, worst,
    landmarks: ["header", "main", "footer"].map(count), headings: count("h1"), scripts: count("script"),
    tables: count("table"), headless: [...document.querySelectorAll("table")].filter(t => !t.tHead).length,
    unscoped: count("th:not([scope])"), wide: document.documentElement.scrollWidth - innerWidth,
    policy: document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content,
    broken: [...document.querySelectorAll("[aria-labelledby]")]
      .filter(e => !document.getElementById(e.getAttribute("aria-labelledby"))).length,
  });
})()"""


class Browser:
    def __init__(self, profile):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if not program:
            sys.exit("Chromium is missing; install it with: sudo apt-get install chromium")
        to_browser, from_browser = os.pipe(), os.pipe()

        def descriptors():
            os.dup2(to_browser[0], 13)
            os.dup2(from_browser[1], 14)
            os.dup2(13, 3)
            os.dup2(14, 4)

        # Containers of CI run as root, where Chromium has no sandbox; what it opens here is ours.
        flags = "--headless=new --no-sandbox --disable-gpu --remote-debugging-pipe --no-first-run --hide-scrollbars"
        quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage"
        # What the browser itself looks for at its maker does not leave this machine either.
        names = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        self.net_log = pathlib.Path(profile) / "net-log.json"
        command = [program, *flags.split(), *quiet.split(), *names, f"--user-data-dir={profile}", f"--log-net-log={self.net_log}"]
        self.process = subprocess.Popen(
            [*command, "about:blank"], preexec_fn=descriptors, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_browser[0])
        os.close(from_browser[1])
        self.write, self.read = to_browser[1], from_browser[0]
        self.buffer, self.number, self.events, self.end = b"", 0, [], time.monotonic() + DEADLINE

    def message(self):
        while b"\0" not in self.buffer:
            if not select.select([self.read], [], [], max(0, self.end - time.monotonic()))[0]:
                sys.exit(f"the browser says nothing any more; last: {self.events[-3:]}")
            part = os.read(self.read, 1 << 20)
            if not part:
                sys.exit("the browser ended")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self.write, json.dumps(call).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def until(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def of(self, method):
        return [event["params"] for event in self.events if event.get("method") == method]


def net_log_urls(path):
    """What was asked of the network stack, whoever asked; the log has no end if the browser was killed."""
    text = path.read_text(errors="replace")
    try:
        log = json.loads(text)
    except json.JSONDecodeError:
        log = json.loads(text.rstrip().rstrip(",") + "]}")
    started = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    params = [event.get("params", {}) for event in log["events"] if event["type"] == started]
    urls = {params["url"] for params in params if "url" in params}
    # Chromium asks its maker for updates and accounts, whatever it is told.
    hosts = {url: urllib.parse.urlsplit(url).hostname or "" for url in urls}
    return sorted(url for url, host in hosts.items() if not host.endswith(OWN))


def main():
    page, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

            def call(method, **params):
                return browser.call(method, session, **params)

            for domain in ("Page", "Network", "Runtime", "Log"):
                call(f"{domain}.enable")
            metrics = {"width": 1100, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            call("Emulation.setDeviceMetricsOverride", **metrics)
            call("Page.navigate", url=page.as_uri())
            browser.until("Page.loadEventFired")
            time.sleep(0.5)

            def facts():
                value = call("Runtime.evaluate", expression=FACTS, returnByValue=True)["result"]["value"]
                return json.loads(value)

            def shot(name):
                shot = call("Page.captureScreenshot", captureBeyondViewport=True)
                (folder / name).write_bytes(base64.b64decode(shot["data"]))

            def media(kind, scheme):
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                call("Emulation.setEmulatedMedia", media=kind, features=features)

            answer = {}
            for name, kind, scheme, width in (
                ("light", "screen", "light", 1100),
                ("dark", "screen", "dark", 1100),
                ("narrow", "screen", "light", 360),
                # A4 less its margins, in CSS pixels.
                ("print", "print", "light", 688),
            ):
                media(kind, scheme)
                call("Emulation.setDeviceMetricsOverride", **metrics | {"width": width})
                answer[name] = facts()
                shot(f"{name}.png")
            media("", "light")
            pdf = call("Page.printToPDF", preferCSSPageSize=True)["data"]
            (folder / "print.pdf").write_bytes(base64.b64decode(pdf))
            answer["requests"] = [event["request"]["url"] for event in browser.of("Network.requestWillBeSent")]
            answer["said"] = [event["entry"]["text"] for event in browser.of("Log.entryAdded")]
            answer["said"] += [str(event["args"]) for event in browser.of("Runtime.consoleAPICalled")]
            answer["said"] += [str(event["exceptionDetails"]) for event in browser.of("Runtime.exceptionThrown")]
            answer["dialogs"] = len(browser.of("Page.javascriptDialogOpening"))
            browser.call("Browser.close")
            browser.process.wait(10)
        finally:
            if browser.process.poll() is None:
                browser.process.kill()
                browser.process.wait()
        answer["urls"] = net_log_urls(browser.net_log)
    print(json.dumps(answer))


main()
