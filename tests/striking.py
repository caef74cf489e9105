"""Strikes hallmarks for the gates' tests with another program's keys and signatures (openssl), in the
form that docs/hallmark.md gives; and writes the gate's policy that trusts them."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import time

import harness


def gate():
    """The gate that is tested."""
    if os.environ.get("ASSAY_GATE"):
        return os.environ["ASSAY_GATE"]
    beside = [os.path.dirname(os.environ["ASSAY"])] if os.environ.get("ASSAY") else []
    for folder in beside + [os.path.join(harness.ROOT, "build", preset) for preset in ("release", "dev")]:
        if os.access(os.path.join(folder, "assay-gate"), os.X_OK):
            return os.path.join(folder, "assay-gate")
    sys.exit("build the program first (./assay --version does)")


def sha256(data):
    if isinstance(data, str):
        with open(data, "rb") as file:
            data = file.read()
    return hashlib.sha256(data).hexdigest()


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Office:
    """An office with a fresh Ed25519 key."""

    def __init__(self, folder, name="north"):
        self.folder, self.name, self.uri = folder, name, "https://office.example/" + name
        self.key, self.public = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".pub.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-out", self.public], check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        self.keyid = hashlib.sha256(der).hexdigest()

    def seal(self, statement):
        """A DSSE envelope as one line of JSON, and the payload's digest."""
        payload, kind = json.dumps(statement, separators=(",", ":"), sort_keys=True).encode(), b"application/vnd.in-toto+json"
        message = os.path.join(self.folder, "message-%d" % os.getpid())
        with open(message, "wb") as file:
            file.write(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", message], check=True, capture_output=True).stdout
        os.unlink(message)
        envelope = {"payloadType": kind.decode(), "payload": base64.b64encode(payload).decode(), "signatures": [{"keyid": self.keyid, "sig": base64.b64encode(signature).decode()}]}
        return json.dumps(envelope, separators=(",", ":")) + "\n", hashlib.sha256(payload).hexdigest()

    def strike(self, digest, verdict="pass", name="thing", version="1.0", files=(), conditions=(), findings=(), issued=None, days=30, maker="Maker", supersedes=(), baseline=None):
        """A hallmark's text and its id. `digest`: of the product, in hex."""
        issued = int(time.time()) - 60 if issued is None else int(issued)
        some = {"digest": {"sha256": "11" * 32}}
        predicate = {"verdict": verdict, "office": self.uri, "resourceUri": "", "issued": moment(issued), "expires": moment(issued + int(days * 86400)), "vettingDate": moment(issued)[:10],
                     "product": {"name": name, "version": version, "maker": maker, "ecosystem": "", "purl": "", "digest": {"sha256": digest}, "size": 1, "files": [name]},
                     "engine": dict(some, version="0.1.0"), "rules": some, "policy": dict(some, name="default"), "report": some, "coverage": {}, "conditions": list(conditions),
                     "conditionFindings": list(findings), "waivers": [], "supersedes": list(supersedes), "replayable": True}
        if baseline:   # the digest of the version before
            predicate["baseline"] = {"digest": {"sha256": baseline}, "name": name, "version": "0.9", "verdict": "pass", "newFindings": 0, "findings": [], "resolvedFindings": 0}
        subjects = [{"name": name, "digest": {"sha256": digest}}] + [{"name": "file", "digest": {"sha256": f}} for f in files]
        return self.seal({"_type": "https://in-toto.io/Statement/v1", "subject": subjects, "predicateType": "https://assay.example/verdict/v1", "predicate": predicate})

    def revoke(self, hallmark, digest, reason="withdrawn"):
        predicate = {"office": self.uri, "hallmark": {"sha256": hallmark}, "issued": moment(time.time() - 30), "reason": reason}
        return self.seal({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "hallmark", "digest": {"sha256": hallmark}}], "predicateType": "https://assay.example/revocation/v1", "predicate": predicate})


class World:
    """A folder with an office, its hallmarks, a policy that trusts it, and the gate's state."""

    def __init__(self, folder, more="", offices=("north",)):
        self.folder = folder
        self.marks, self.state, self.policy = (os.path.join(folder, n) for n in ("marks", "state", "gate.yaml"))
        self.decisions = os.path.join(folder, "decisions.jsonl")
        os.makedirs(self.marks)
        self.offices = [Office(folder, name) for name in offices]
        trusted = "".join("      - {name: %s, uri: '%s', keys: [{file: '%s'}]}\n" % (o.name, o.uri, o.public) for o in self.offices)
        with open(self.policy, "w", encoding="utf-8") as file:
            file.write("gate:\n  name: test\n  hallmarks: marks\n  refresh: 1s\n  trust:\n    need-log: false\n    offices:\n%s%s" % (trusted, more))

    def mark(self, product, verdict="pass", office=0, **more):
        """Strikes a hallmark for bytes or a file and puts it where the gate looks. Its id."""
        digest = product if isinstance(product, str) and len(product) == 64 and not os.path.exists(product) else sha256(product)
        text, name = self.offices[office].strike(digest, verdict, **more)
        path = os.path.join(self.marks, "%s-%s.hallmark" % (digest[:16], name[:16]))
        with open(path + ".new", "w", encoding="ascii") as file:
            file.write(text)
        os.rename(path + ".new", path)
        return name

    def options(self):
        return ["--policy", self.policy, "--state", self.state, "--decisions", self.decisions]

    def run(self, *arguments, timeout=60):
        return subprocess.run([gate(), *self.options(), *arguments], capture_output=True, text=True, timeout=timeout, check=False)

    def recorded(self):
        if not os.path.exists(self.decisions):
            return []
        with open(self.decisions, encoding="utf-8") as file:
            return [json.loads(line) for line in file]
