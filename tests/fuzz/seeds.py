"""Seeds for the fuzz targets, chosen by kind: the sound inputs of the unit tests, real files of this
machine and of the shared data, and small images that tools make. None of them is kept in the tree."""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

MOST = 1 << 18        # bytes of a seed
REAL = 1 << 16        # bytes of a file of this machine that is worth listing
EACH = 40             # seeds of a kind

POOL = {}             # kind -> paths, smallest first
DUMPS = ""            # folder of what the unit tests call sound, by reader


def first_program(root, name):
    for preset in ("release", "dev", "asan"):
        path = os.path.join(root, "build", preset, name)
        if os.access(path, os.X_OK):
            return path
    return None


# Files of this machine, by ending; a folder's walk ends after so many entries.
ENDINGS = (".ko", ".efi", ".o", ".so", ".gz", ".crt", ".pdf", ".jar", ".whl", ".png", ".gif", ".jpg", ".py", ".pl", ".rb", ".js", ".php", ".sh", ".conf", ".xml", ".json", ".service", ".class", ".exe", ".dll", ".doc", ".xls", ".a")
MOST_WALK = 60_000


def candidates(root, made):
    shared = os.environ.get("ASSAY_SHARED") or os.path.join(root, "..", "shared")
    out, some = [], {}
    for folder, most, every in ((made, MOST, True), ("/usr/share/clamav-testfiles", MOST, True), (shared + "/data/unpack", MOST, True), (shared + "/data/hardcoded-password", MOST, True), (shared + "/data/javacard", REAL, True),
                                ("/usr/bin", REAL, True), ("/etc", 1 << 13, True), ("/usr/lib", REAL, False), ("/usr/share", REAL, False)):
        seen = 0
        for where, names, files in os.walk(folder):
            names.sort()
            for name in sorted(files):
                seen += 1
                path, ending = os.path.join(where, name), os.path.splitext(name)[1].lower()
                if not every and (ending not in ENDINGS or some.get(ending, 0) >= 60):
                    continue
                if some.get((folder, ending), 0) < 300 and os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK) and 0 < os.path.getsize(path) <= most:
                    out.append(path)
                    some[ending] = some.get(ending, 0) + (not every)
                    some[folder, ending] = some.get((folder, ending), 0) + 1
            if seen > MOST_WALK:
                break
    return out


def make(folder):
    """Small images by the tools that are here; a tool that is missing or fails is passed over."""
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tree = os.path.join(scratch, "tree")
        os.makedirs(os.path.join(tree, "bin"))
        for name, data in (("bin/tool", b"#!/bin/sh\necho hello\n"), ("text", b"some words, and again some words\n" * 60), ("empty", b"")):
            with open(os.path.join(tree, name), "wb") as file:
                file.write(data)
        os.symlink("text", os.path.join(tree, "link"))
        blank = "truncate -s %s {out} && "
        recipes = {
            "a.tar": "tar cf {out} -C {tree} .", "a.pax": "tar cf {out} --format=pax -C {tree} .", "a.zip": "cd {tree} && python3 -c 'import shutil; shutil.make_archive(\"{scratch}/z\", \"zip\", \".\")' && cp {scratch}/z.zip {out}",
            "a.7z": "bsdtar --format 7zip -cf {out} -C {tree} .", "a.iso": "bsdtar --format iso9660 -cf {out} -C {tree} .", "a.xar": "bsdtar --format xar -cf {out} -C {tree} .",
            "a.cpio": "bsdtar --format newc -cf {out} -C {tree} .", "b.cpio": "bsdtar --format odc -cf {out} -C {tree} .", "c.cpio": "bsdtar --format bin -cf {out} -C {tree} .", "a.ar": "ar rc {out} {tree}/text {tree}/empty",
            "a.gz": "gzip -c {tree}/text >{out}", "a.bz2": "bzip2 -c {tree}/text >{out}", "a.xz": "xz -c {tree}/text >{out}", "b.xz": "xz --check=sha256 --x86 --lzma2 -c {tree}/text >{out}", "a.lzma": "xz --format=lzma -c {tree}/text >{out}",
            "a.zst": "zstd -qc {tree}/text >{out}", "a.lz4": "lz4 -qc {tree}/text >{out}", "a.lz": "lzip -c {tree}/text >{out}", "a.Z": "compress -c {tree}/text >{out}", "a.br": "brotli -c {tree}/text >{out}", "a.lzo": "lzop -c {tree}/text >{out}",
            "a.ext2": blank % "64k" + "mke2fs -q -t ext2 -d {tree} {out}", "a.ext4": blank % "256k" + "mke2fs -q -t ext4 -O ^has_journal -d {tree} {out}",
            "a.fat": blank % "64k" + "mkfs.fat {out} && mcopy -i {out} -s {tree}/text {tree}/bin ::/", "a.cramfs": "mkfs.cramfs {tree} {out}", "a.romfs": "genromfs -f {out} -d {tree}",
            "a.jffs2": "mkfs.jffs2 -r {tree} -o {out}", "a.ubifs": "mkfs.ubifs -m 1 -e 4096 -c 40 -r {tree} -o {out}", "a.erofs": "mkfs.erofs {out} {tree}", "a.minix": blank % "100k" + "mkfs.minix {out}",
            "a.uimage": "mkimage -A arm -T kernel -C none -n name -d {tree}/text {out}", "a.cab": "lcab -q {tree}/text {out}", "a.rpm": "false", "a.dtb": "printf '/dts-v1/; / {{ a = \"b\"; c {{ d = <1 2>; }}; }};' | dtc -O dtb -o {out} -",
        }
        for name in ("gzip", "xz", "lzo", "lz4", "zstd", "lzma"):
            recipes["%s.squashfs" % name] = "mksquashfs {tree} {out} -quiet -noappend -comp %s" % name
        for name, command in recipes.items():
            out = os.path.join(folder, name)
            if os.path.exists(out):
                continue
            done = subprocess.run(["sh", "-c", command.format(out=out, tree=tree, scratch=scratch)], capture_output=True, check=False)
            if done.returncode and os.path.exists(out):
                os.unlink(out)


def prepare(root, state):
    """Makes the images, has the unit tests write what they call sound, and asks Assay what is what."""
    global DUMPS
    folder = os.path.join(state, "seeds")
    made = os.path.join(folder, "made")
    DUMPS = os.path.join(folder, "sound")
    os.makedirs(DUMPS, exist_ok=True)
    make(made)
    tests = first_program(root, "test_unpack")
    if tests and (not os.path.exists(folder + "/stamp") or os.path.getmtime(folder + "/stamp") < os.path.getmtime(tests)):
        subprocess.run(["nice", "-n", "19", tests, "--gtest_brief=1"], env=dict(os.environ, ASSAY_SEEDS=DUMPS), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=root, timeout=1200, check=False)
        with open(folder + "/stamp", "w", encoding="utf-8"):
            pass
    program = first_program(root, "assay")
    if not program:
        return
    listing = os.path.join(folder, "kinds.json")
    kinds = {}
    if os.path.exists(listing):
        with open(listing, encoding="utf-8") as file:
            kinds = json.load(file)
    # Asked again when the program is another one: it may know more kinds.
    fresh = os.path.exists(listing) and os.path.getmtime(listing) > os.path.getmtime(program)
    unknown = [] if fresh else candidates(root, made)
    kinds = kinds if fresh else {}
    for at in range(0, len(unknown), 200):
        with tempfile.TemporaryDirectory() as scratch:
            for i, path in enumerate(unknown[at:at + 200]):
                shutil.copyfile(path, os.path.join(scratch, "%03d-%s" % (i, re.sub(r"[^\w.+-]", "_", os.path.basename(path)))))
            done = subprocess.run(["nice", "-n", "19", program, "members", "--format", "json", "--store", os.path.join(folder, "store"), scratch], capture_output=True, env=dict(os.environ, ASSAY_HOME=root), check=False)
        if done.returncode:
            print("seeds: assay members failed: " + done.stderr.decode(errors="replace")[:200], file=sys.stderr)
            return
        for artifact in json.loads(done.stdout)["artifacts"]:
            if artifact["depth"] == 1 and artifact["nature"] == "file":
                kinds[unknown[at + int(os.path.basename(artifact["name"])[:3])]] = artifact["kind"]
    with open(listing, "w", encoding="utf-8") as file:
        json.dump(kinds, file, indent=0)
    for path in sorted((p for p in kinds if os.path.exists(p)), key=lambda p: (os.path.getsize(p), p)):
        POOL.setdefault(kinds[path], []).append(path)


def kinds_of(target, source):
    """The kinds that a target reads: what its file and its reader's card name."""
    folder, stem = os.path.dirname(source), os.path.basename(source)[:-len("_fuzz.cc")]
    text = ""
    for path in [source] + glob.glob(os.path.join(folder, stem + ".cc")):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    words = set(re.findall(r'"([a-z0-9][a-z0-9/+._-]*)"', text)) | {stem}
    more = {"code_machine": {"elf", "pe", "macho", "coff"}, "code_syntax": {"script/*"}, "examine_endpoints": {"text", "script/*"}, "examine_keys": {"text", "pem"}, "parse_x509": {"pem", "der"}, "identify_identify": {"*"}}
    words |= more.get(target, set())
    return [k for k in POOL if k in words or "*" in words or any(w.endswith("/*") and k.startswith(w[:-1]) for w in words)]


def plant(target, source, corpus):
    """Copies the seeds of a target into its corpus, once each."""
    paths = []
    for kind in kinds_of(target, source):
        here = POOL[kind]
        most = 4 if target == "identify_identify" else EACH
        paths += here if len(here) <= most else here[::len(here) // most + 1]
    paths += glob.glob(os.path.join(DUMPS, target.partition("_")[2], "*")) if DUMPS else []
    for path in paths:
        if os.path.getsize(path) > MOST:
            continue
        with open(path, "rb") as file:
            data = file.read()
        # Where the first byte chooses the language or place, each seed is planted under one choice.
        if target in ("code_syntax", "examine_scripts", "examine_accounts"):
            data = bytes([len(data) % 17]) + data
        name = os.path.join(corpus, "seed-" + hashlib.sha256(data).hexdigest()[:16])
        if not os.path.exists(name):
            with open(name, "wb") as file:
                file.write(data)
