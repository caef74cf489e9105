"""Writes the package formats of the specimens: deb, npm, wheel, sdist, gem, source tar, zip, jar,
OCI layout and `docker save` tar. Same entries, same bytes; times are fixed and owners are root.

Each function takes the description of one half of a recipe and a folder, and returns the path that
is handed to a vetting.
"""
import base64
import hashlib
import io
import json
import os
import zipfile

from content import bytes_of, entries_of, gzip_bytes, tar_bytes


def _write(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def _ar(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 1700000000, 0, 0, b"100644", len(data)) + data
        out += b"\n" if len(data) % 2 else b""
    return out


def _text(half, key):
    """Install scripts may be a text or a content."""
    return {name: bytes_of(text) for name, text in half.get(key, {}).items()}


def deb(half, folder):
    files = [("./" + p.lstrip("/"), d, m, l) for p, d, m, l in entries_of(half.get("files"))]
    native = any(data[:4] == b"\x7fELF" for _, data, _, _ in files)
    control = half.get("control", "")
    arch = "amd64" if native else "all"
    fields = "Package: %s\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n" % (half["name"], half["version"], arch, half.get("maintainer", "Specimen Maker <maker@specimen.example>"))
    fields += control or "Section: misc\nPriority: optional\nDescription: %s\n" % half.get("about", "specimen")
    sums = "".join("%s  %s\n" % (hashlib.md5(d).hexdigest(), p[2:]) for p, d, _, l in sorted(files) if not l)
    inner = [("./control", fields.encode(), 0o644, None), ("./md5sums", sums.encode(), 0o644, None)]
    inner += [("./" + name, data, 0o755, None) for name, data in _text(half, "scripts").items()]
    inner += [("./" + name, data, 0o644, None) for name, data in _text(half, "control-files").items()]
    data = _ar([("debian-binary", b"2.0\n"), ("control.tar.gz", gzip_bytes(tar_bytes(inner))), ("data.tar.gz", gzip_bytes(tar_bytes(files)))])
    return _write(folder, "%s_%s_%s.deb" % (half["name"], half["version"], arch), data)


def npm(half, folder):
    return _write(folder, "%s-%s.tgz" % (half["name"].replace("@", "").replace("/", "-"), half["version"]), gzip_bytes(tar_bytes(entries_of(half["files"]), "package/")))


def source(half, folder):
    top = "%s-%s" % (half["name"], half["version"])
    return _write(folder, top + ".tar.gz", gzip_bytes(tar_bytes(entries_of(half["files"]), top + "/")))


def sdist(half, folder):
    files = dict(half["files"])
    files.setdefault("PKG-INFO", "Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: %s\n" % (half["name"], half["version"], half.get("about", "specimen")))
    return source(dict(half, files=files), folder)


def _zip(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, data, mode, _ in entries:
            head = zipfile.ZipInfo(path, (2023, 11, 14, 0, 0, 0))
            head.external_attr, head.compress_type, head.create_system = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED, 3
            file.writestr(head, data)
    return out.getvalue()


def wheel(half, folder):
    top = half["name"].replace("-", "_") + "-" + half["version"]
    entries = sorted(entries_of(half["files"]))
    about = "Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: %s\n" % (half["name"], half["version"], half.get("about", "specimen"))
    entries.append((top + ".dist-info/METADATA", about.encode(), 0o644, None))
    entries.append((top + ".dist-info/WHEEL", b"Wheel-Version: 1.0\nGenerator: specimen\nRoot-Is-Purelib: true\nTag: py3-none-any\n", 0o644, None))
    if "entry_points" in half:
        entries.append((top + ".dist-info/entry_points.txt", half["entry_points"].encode(), 0o644, None))
    lines = ["%s,sha256=%s,%d" % (p, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).decode().rstrip("="), len(d)) for p, d, _, _ in entries]
    record = top + ".dist-info/RECORD"
    entries.append((record, ("\n".join(lines + [record + ",,"]) + "\n").encode(), 0o644, None))
    return _write(folder, top + "-py3-none-any.whl", _zip(entries))


def zipped(half, folder):
    return _write(folder, "%s-%s.zip" % (half["name"], half["version"]), _zip(entries_of(half["files"])))


def jar(half, folder):
    manifest = "Manifest-Version: 1.0\nCreated-By: specimen\n" + half.get("manifest", "")
    entries = [("META-INF/MANIFEST.MF", manifest.encode(), 0o644, None)] + entries_of(half["files"])
    return _write(folder, "%s-%s.%s" % (half["name"], half["version"], half.get("suffix", "jar")), _zip(entries))


def gem(half, folder):
    files = entries_of(half["files"])
    extensions = half.get("extensions", [])
    meta = "--- !ruby/object:Gem::Specification\nname: %s\nversion: !ruby/object:Gem::Version\n  version: %s\nplatform: ruby\nauthors:\n- %s\n" % (half["name"], half["version"], half.get("maintainer", "Specimen Maker"))
    meta += "bindir: bin\nexecutables: []\nextensions:%s\n" % ("".join("\n- " + e for e in extensions) or " []")
    meta += "files:\n" + "".join("- %s\n" % p for p, _, _, _ in sorted(files)) + "require_paths:\n- lib\nsummary: %s\n" % half.get("about", "specimen")
    parts = [("metadata.gz", gzip_bytes(meta.encode()), 0o444, None), ("data.tar.gz", gzip_bytes(tar_bytes(files)), 0o444, None)]
    sums = "---\nSHA256:\n" + "".join("  %s: %s\n" % (n, hashlib.sha256(d).hexdigest()) for n, d, _, _ in parts)
    parts.append(("checksums.yaml.gz", gzip_bytes(sums.encode()), 0o444, None))
    return _write(folder, "%s-%s.gem" % (half["name"], half["version"]), tar_bytes(parts))


def _image(half):
    layers = [tar_bytes(entries_of(layer)) for layer in half["layers"]]
    config = {"architecture": "amd64", "os": "linux", "created": "2023-11-14T00:00:00Z", "config": half.get("config", {}),
              "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(l).hexdigest() for l in layers]},
              "history": [{"created": "2023-11-14T00:00:00Z", "created_by": by} for by in half.get("history", ["COPY . /"] * len(layers))]}
    return layers, json.dumps(config, sort_keys=True).encode()


def oci(half, folder):
    layers, config = _image(half)
    top = os.path.join(folder, half["name"] + ".oci")

    def blob(data, kind):
        digest = hashlib.sha256(data).hexdigest()
        _write(top, "blobs/sha256/" + digest, data)
        return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest, "size": len(data)}

    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": blob(config, "config.v1+json"),
                "layers": [blob(gzip_bytes(layer), "layer.v1.tar+gzip") for layer in layers]}
    head = blob(json.dumps(manifest, sort_keys=True).encode(), "manifest.v1+json")
    head["annotations"] = {"org.opencontainers.image.ref.name": half["version"]}
    _write(top, "index.json", json.dumps({"schemaVersion": 2, "manifests": [head]}, sort_keys=True).encode())
    _write(top, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
    return top


def docker(half, folder):
    layers, config = _image(half)
    name = hashlib.sha256(config).hexdigest() + ".json"
    entries, paths = [(name, config, 0o644, None)], []
    for layer in layers:
        path = hashlib.sha256(layer).hexdigest() + "/layer.tar"
        paths.append(path)
        entries.append((path, layer, 0o644, None))
    manifest = [{"Config": name, "RepoTags": [half["name"] + ":" + half["version"]], "Layers": paths}]
    entries.append(("manifest.json", json.dumps(manifest, sort_keys=True).encode(), 0o644, None))
    return _write(folder, half["name"] + ".tar", tar_bytes(entries))


def single(half, folder):
    ((path, data, mode, _),) = entries_of(half["files"])
    out = _write(folder, path, data)
    os.chmod(out, mode)
    return out


FORMATS = {"deb": deb, "npm": npm, "source": source, "sdist": sdist, "wheel": wheel, "zip": zipped, "jar": jar, "gem": gem, "oci": oci, "docker": docker, "file": single}
