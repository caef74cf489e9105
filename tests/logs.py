"""What the tests of logs share: a log in a folder with its keys, servers in the background, and a reader
of bundles that is not the program's own."""
import base64
import http.client
import json
import os
import subprocess
import threading

import harness
import striking

ENVIRONMENT = dict(os.environ, ASSAY_HOME=harness.ROOT, ASSAY_PASSPHRASE="")


def run(*arguments, env=None):
    return subprocess.run([harness.program(), *arguments], capture_output=True, text=True, env=env or ENVIRONMENT, timeout=120, check=False)


def good(*arguments):
    done = run(*arguments)
    assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def refused(*arguments, says="", code=2):
    done = run(*arguments)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    assert says in done.stderr and done.stderr.startswith("assay: "), (says, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1, "one sentence: " + done.stderr
    return done.stderr


def new_key(path):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
    return path


class Serving:
    """A command that listens, until it is stopped. The address is the last word of its line `... http://...`."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([harness.program(), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if " http://" in line:
                break
        assert self.lines and " http://" in self.lines[-1], (arguments, self.lines, self.process.stderr.read())
        self.url = self.lines[-1].split()[-1]
        self.errors = ""
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        self.errors = self.process.stderr.read()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(20)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.url.split("//")[1], timeout=30)
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, data


class Log:
    """A log, and an office whose statements it takes."""

    def __init__(self, folder, name="log.example/test"):
        os.makedirs(folder, exist_ok=True)
        self.place, self.folder = folder, os.path.join(folder, "log")
        self.office = striking.Office(folder)
        self.key = new_key(os.path.join(folder, "log.pem"))
        self.origin = name
        self.vkey = good("log", "init", self.folder, "--origin", name, "--key", self.key).strip()
        self.count = 0

    def envelope(self, **more):
        """A hallmark of a product of its own, in a file."""
        self.count += 1
        text, _ = self.office.strike("%064x" % self.count, name="product-%d" % self.count, **more)
        return self.file(text)

    def file(self, text):
        path = os.path.join(self.place, "envelope-%d.json" % len(os.listdir(self.place)))
        with open(path, "w", encoding="ascii") as out:
            out.write(text)
        return path

    def append(self, *files, folder=None, more=()):
        return indices(good(*self.append_line(*files, folder=folder, more=more)))

    def append_line(self, *files, folder=None, more=()):
        return ["log", "append", folder or self.folder, "--key", self.key, "--accept", self.office.public, *more, *files]

    def payloads(self, folder=None):
        return payloads(folder or self.folder)


def indices(output):
    """What `log append` printed: payload digest -> index."""
    return {line.split()[1]: int(line.split()[0]) for line in output.splitlines()}


def payload_of(file):
    with open(file, encoding="ascii") as text:
        return striking.sha256(base64.b64decode(json.load(text)["payload"]))


def checkpoint_size(folder):
    with open(os.path.join(folder, "checkpoint"), encoding="utf-8") as file:
        return int(file.read().split("\n")[1])


def payloads(folder):
    """Payload digests of all entries up to the checkpoint, read from the bundles by hand."""
    size, out = checkpoint_size(folder), []
    for n in range((size + 255) // 256):
        width = min(256, size - n * 256)
        path = os.path.join(folder, "tile/entries/%03d" % n + ("" if width == 256 else ".p/%d" % width))
        with open(path, "rb") as file:
            data = file.read()
        for _ in range(width):
            length = int.from_bytes(data[:2], "big")
            leaf, data = json.loads(data[2:2 + length]), data[2 + length:]
            out.append(base64.b64decode(leaf["spec"]["dsseV002"]["payloadHash"]["digest"]).hex())
        assert not data
    return out


def main(cases, folder):
    """Runs each case in a folder of its own; a closing line; exit code."""
    import shutil
    import traceback
    failed = skipped = 0
    for case in cases:
        name = case.__name__.replace("_", " ")
        place = os.path.join(folder, case.__name__)
        os.makedirs(place)
        try:
            why = case(place)
            if why:
                skipped += 1
                print("skipped: %s: %s" % (name, why), flush=True)
        except Exception:
            failed += 1
            print("FAILED: %s\n%s" % (name, traceback.format_exc()), flush=True)
        shutil.rmtree(place, ignore_errors=True)
    print("%d passed, %d failed, %d skipped" % (len(cases) - failed - skipped, failed, skipped))
    return 1 if failed else 0
