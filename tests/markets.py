"""What the tests of the gates in front of package markets share: a running gate, a market of plain files,
and a list of cases."""
import functools
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import traceback

import striking


class Skipped(Exception):
    pass


def needed(*programs):
    for name in programs:
        if not shutil.which(name):
            raise Skipped("%s is not installed" % name)


class Gate:
    """`assay-gate MARKET ... --listen 127.0.0.1:0`, running."""

    def __init__(self, world, market, *arguments, scheme="http"):
        self.errors = os.path.join(world.folder, market + ".errors")
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([striking.gate(), *world.options(), market, *arguments, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=errors, text=True, env=dict(os.environ, TMPDIR=world.folder))
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.wait()
            with open(self.errors, encoding="utf-8") as file:
                raise AssertionError("the gate did not start: " + line + file.read())
        self.address = line.split()[-1]
        self.url = scheme + "://" + self.address

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A folder over HTTP that keeps count of what was asked for."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        self.server.asked.append(self.path)


class Market:
    """A web server with the market's files, or with a handler of the test's own."""

    def __init__(self, folder=None, handler=None):
        handler = handler or functools.partial(Quiet, directory=folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.asked = []
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def asked(self):
        return self.server.asked

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def digests_only(world, *words):
    """The record of decisions names digests, and nothing of who asked or where."""
    lines = world.recorded()
    assert lines, "nothing was recorded"
    for line in lines:
        assert set(line) <= {"time", "gate", "market", "product", "answer", "why", "hallmark"}, line
    with open(world.decisions, encoding="utf-8") as file:
        text = file.read()
    for word in ("127.0.0.1", "http", *words):
        assert set(word) - set("0123456789abcdef"), "%s could stand in any digest" % word
        assert word not in text, "%s is in the decision log" % word


def show(what, text):
    """With MARKETS_SHOW set: what the person sees, for docs/markets.md."""
    if os.environ.get("MARKETS_SHOW"):
        print("---- %s\n%s" % (what, text.rstrip()))


def run_cases(cases):
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    for case in cases:
        if wanted and case.__name__ not in wanted:
            continue
        folder = tempfile.mkdtemp(prefix="markets-")
        try:
            case(folder)
            passed += 1
            print("ok   %s" % case.__name__)
        except Skipped as why:
            skipped += 1
            print("skip %s: %s" % (case.__name__, why))
        except Exception:  # noqa: BLE001  every failure is told, and the next case still runs
            failed += 1
            print("FAIL %s" % case.__name__)
            traceback.print_exc(file=sys.stdout)
        finally:
            subprocess.run(["gpgconf", "--homedir", os.path.join(folder, "gpg"), "--kill", "all"], capture_output=True, check=False)
            shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed else 0
