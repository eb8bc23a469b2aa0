"""Uses the page at /api/docs as a person would, in a Chromium that is told what to do through a pipe.

    browser.py CHROMIUM http://127.0.0.1:PORT

Fails on an error in the console, a request to anybody else, or a violation of the page's policy.
"""

import fcntl, itertools, json, os, subprocess, sys, tempfile, time

CHROMIUM, URL = sys.argv[1:]
FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-sync
    --disable-background-networking --disable-component-update --disable-extensions --remote-debugging-pipe"""

# What the page is made of, for the questions below.
HELP = """
    const places = () => [...document.querySelectorAll(".place")];
    const shown = () => places().filter((place) => place.offsetParent !== null);
    const place = (method, path) => places().find((one) =>
        one.querySelector("summary b").textContent === method
        && one.querySelector("summary code").textContent === path);
    const parts = (method, path) => {
        const own = place(method, path);
        const input = (name) => own.querySelector(`[aria-label="${name}"]`);
        return { own, input, send: own.querySelector("button"), line: own.querySelector("p[class]"),
                 answer: own.querySelector("pre") };
    };
"""


def start(folder):
    """The browser, and the two ends of the pipe: it reads from 3 and writes to 4."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs_in, theirs_out)]
    os.close(theirs_in), os.close(theirs_out)
    browser = subprocess.Popen(
        [CHROMIUM, *FLAGS.split(), f"--user-data-dir={folder}", "about:blank"],
        close_fds=False, preexec_fn=lambda: (os.dup2(high[0], 3), os.dup2(high[1], 4)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for end in high:
        os.close(end)
    return browser, os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")


def messages(pipe):
    rest = b""
    while piece := pipe.read1(1 << 16):
        *whole, rest = (rest + piece).split(b"\0")
        yield from map(json.loads, whole)
    raise EOFError("the browser ended by itself")


def main(heard, out):
    numbers, events = itertools.count(1), []

    def call(method, session=None, **params):
        number = next(numbers)
        message = {"id": number, "method": method, "params": params}
        out.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        out.flush()
        for answer in heard:
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            events.append(answer)

    target = call("Target.createTarget", url="about:blank")["targetId"]
    page = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
        call(f"{domain}.enable", page)

    def ask(script):
        answer = call("Runtime.evaluate", page, expression=f"(() => {{{HELP} return {script};}})()", returnByValue=True)
        assert "exceptionDetails" not in answer, (script, answer)
        return answer["result"].get("value")

    def wait(script):
        until = time.monotonic() + 20
        while not (found := ask(script)):
            assert time.monotonic() < until, f"never came true: {script}"
            time.sleep(0.05)
        return found

    def write(element, text):
        ask(f"({element}.focus(), {element}.select?.(), true)")
        call("Input.insertText", page, text=text)

    def send(method, path, expected, /, **inputs):
        own = f"parts({json.dumps(method)}, {json.dumps(path)})"
        ask(f"({own}.own.open = true)")
        for name, value in inputs.items():
            write(f"{own}.input({json.dumps(name)})", value)
        ask(f"({own}.send.click(), true)")
        line = wait(f"/^\\d/.test({own}.line?.textContent ?? '') && {own}.line.textContent")
        assert line.startswith(f"{expected} "), f"{method} {path}: {line}"
        answer = ask(f"{own}.answer.textContent")
        assert answer.startswith("curl "), answer
        print(f"ok   {method} {path}: {expected}")
        return json.loads(answer.split("\n\n", 1)[1])

    call("Page.navigate", page, url=f"{URL}/api/docs")
    total = wait("document.readyState === 'complete' && places().length")
    document = ask("performance.getEntriesByType('resource').filter((one) => one.name.endsWith('openapi.json')).length")
    assert total > 20 and document == 1, (total, document)
    print(f"ok   the page lists {total} operations")

    write("document.querySelector('#find')", "races")
    found = wait("shown().length < places().length && shown().map((one) => one.querySelector('summary').textContent)")
    assert found and all("races" in text.lower() for text in found), found
    print(f"ok   {len(found)} of them are found by 'races'")

    listed = send("GET", "/api/races", 200, limit="1", status="official")
    assert len(listed["items"]) == 1 and listed["items"][0]["status"] == "official", listed
    name = listed["items"][0]["race"]
    assert send("GET", "/api/races/{race}", 200, race=name)["race"] == name
    write("document.querySelector('#find')", "cards")
    refused = send("POST", "/api/cards", 422, body='{"source": "<img src=x onerror=alert(1)>"}')
    assert refused["code"] == "invalid" and refused["faults"], refused

    time.sleep(0.5)  # What went wrong late is told late; nothing to wait for when nothing did.
    ask("true")
    check([(event["method"], event["params"]) for event in events])


def check(events):
    """Only the answer we asked for is an error, everything was asked of us, the policy holds."""
    asked = [params["request"]["url"] for method, params in events if method == "Network.requestWillBeSent"]
    assert len(asked) >= 7, asked
    foreign = [url for url in asked if not url.startswith((f"{URL}/", "data:"))]
    assert not foreign, f"asked somebody else: {foreign}"
    errors = [params["entry"] for method, params in events
              if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning")]
    wanted = [entry for entry in errors if entry["source"] == "network" and entry["url"] == f"{URL}/api/cards"]
    assert errors == wanted and len(wanted) == 1, f"in the console: {errors}"
    said = [params for method, params in events if method == "Runtime.exceptionThrown"
            or method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert", "warning")]
    assert not said, f"in the console: {said}"
    issues = [params["issue"] for method, params in events if method == "Audits.issueAdded"]
    broken = [issue for issue in issues if issue["code"] == "ContentSecurityPolicyIssue"]
    assert not broken, f"against the policy: {broken}"
    print(f"ok   {len(asked)} requests, all to the daemon; no error, no violation")


def attempt():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        browser, heard, out = start(folder)
        try:
            main(messages(heard), out)
        finally:
            browser.kill()
            browser.wait()


for last in (False, False, True):
    try:
        attempt()
        break
    except (EOFError, BrokenPipeError) as ended:
        # A browser that crashes says nothing about the page.
        print(f"     {ended}", file=sys.stderr)
        if last:
            raise
