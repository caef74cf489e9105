"""Makes the bytes of one file of a specimen from its description in a recipe.

Keys are documented in specimens/README.md. The same description gives the same bytes on the same
compiler; nothing here runs what it builds.
"""
import base64
import bz2
import codecs
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zlib

import series

EPOCH = 1700000000


class Unavailable(Exception):
    """A compiler that this specimen needs is not installed."""


def tar_bytes(entries, prefix=""):
    """entries: list of (path, bytes, mode, link). Folders are added, sorted, owned by root."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        seen = set()
        for path, data, mode, link in sorted(entries, key=lambda e: e[0]):
            path = prefix + path
            parts = path.split("/")
            for i in range(1, len(parts)):
                folder = "/".join(parts[:i])
                if folder in seen or folder in ("", "."):
                    continue
                seen.add(folder)
                head = tarfile.TarInfo(folder)
                head.type, head.mode, head.mtime = tarfile.DIRTYPE, 0o755, EPOCH
                tar.addfile(head)
            head = tarfile.TarInfo(path)
            head.mtime, head.mode = EPOCH, mode
            head.uname = head.gname = "root"
            if link:
                head.type, head.linkname = tarfile.SYMTYPE, link
                tar.addfile(head)
            else:
                head.size = len(data)
                tar.addfile(head, io.BytesIO(data))
    return out.getvalue()


def gzip_bytes(data):
    return gzip.compress(data, 9, mtime=0)


def png_bytes(width, height):
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in ((x * 9) & 255, (y * 7) & 255, (x ^ y) & 255)) for y in range(height))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def compile_c(source, flags, language="c"):
    gcc = shutil.which("gcc")
    if not gcc:
        raise Unavailable("gcc")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "main." + language), "w", encoding="utf-8") as file:
            file.write(source)
        command = [gcc, "-O1", "-w", "-s", "-frandom-seed=1", "-Wl,--build-id=none", "-o", "out", "main." + language] + flags.split()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("gcc: " + done.stderr.strip())
        with open(os.path.join(folder, "out"), "rb") as file:
            return file.read()


def compile_java(source, name):
    javac = shutil.which("javac")
    if not javac:
        raise Unavailable("javac")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, name + ".java"), "w", encoding="utf-8") as file:
            file.write(source)
        done = subprocess.run([javac, "-nowarn", "-g:none", "--release", "11", name + ".java"], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("javac: " + done.stderr.strip())
        with open(os.path.join(folder, name + ".class"), "rb") as file:
            return file.read()


def encoded(data, how):
    word, _, key = how.partition(":")
    if word == "base64":
        return base64.b64encode(data)
    if word == "base64-lines":
        return base64.encodebytes(data)
    if word == "hex":
        return data.hex().encode()
    if word == "gzip":
        return gzip_bytes(data)
    if word == "zlib":
        return zlib.compress(data, 9)
    if word == "deflate":
        return zlib.compress(data, 9)[2:-4]
    if word == "xz":
        return lzma.compress(data, preset=6)
    if word == "bz2":
        return bz2.compress(data)
    if word == "reverse":
        return data[::-1]
    if word == "rot13":
        return codecs.encode(data.decode("latin-1"), "rot13").encode("latin-1")
    if word == "numbers":
        return ",".join(str(b) for b in data).encode()
    if word == "c-array":
        return ",".join("0x%02x" % b for b in data).encode()
    if word == "xor":
        secret = key.encode()
        return bytes(b ^ secret[i % len(secret)] for i, b in enumerate(data))
    raise RuntimeError("unknown encoding " + how)


def bytes_of(content):
    """The bytes that a content describes: a text, or a map with one source and what is done to it."""
    if isinstance(content, str):
        return content.encode()
    text = content.get("text", "")
    if "each" in content:
        items = content["each"].split() if isinstance(content["each"], str) else content["each"]
        text = "".join(text.replace("@each@", it).replace("@i@", str(i)) for i, it in enumerate(items))
        text = content.get("head", "") + text + content.get("foot", "")
    for name, part in content.get("parts", {}).items():
        value = bytes_of(part)
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = value.decode("latin-1")
        text = text.replace("@" + name + "@", value)
        for key in ("c", "java"):
            if key in content:
                content = dict(content, **{key: content[key].replace("@" + name + "@", value)})
    if "c" in content:
        data = compile_c(content["c"], content.get("flags", ""))
    elif "java" in content:
        data = compile_java(content["java"], content["class"])
    elif "tar" in content:
        data = tar_bytes(entries_of(content["tar"]))
    elif "png" in content:
        data = png_bytes(*(int(n) for n in content["png"]))
    elif "noise" in content:
        data = series.noise(content["noise"][0], int(content["noise"][1]))
    elif "base64" in content:
        data = base64.b64decode(content["base64"])
    else:
        data = text.encode()
    encodings = content.get("encode", [])
    for how in [encodings] if isinstance(encodings, str) else encodings:
        data = encoded(data, how)
    for more in ("then", "and-then"):
        if more in content:
            data += bytes_of(content[more])
    return data


def entries_of(files):
    """files of a recipe -> [(path, bytes, mode, link)]; programs in bin folders and #! texts may run."""
    out = []
    for path, content in (files or {}).items():
        content = content if isinstance(content, dict) else {"text": content}
        if "link" in content:
            out.append((path, b"", 0o777, content["link"]))
            continue
        data = bytes_of(content)
        runs = data[:2] == b"#!" or data[:4] == b"\x7fELF"
        mode = int(content["mode"], 8) if "mode" in content else 0o755 if runs else 0o644
        out.append((path, data, mode, None))
    return out
