"""What the benchmarks share: run a command and measure it, find packages to run on, and tell how sure a rate is."""
import math
import os
import resource
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
# Large packages of Debian that fill up what the two lists don't reach.
FURTHER = ["libllvm14", "libwebkit2gtk-4.1-0", "golang-1.19-go", "rustc", "libreoffice-core", "thunderbird", "firefox-esr", "openjdk-17-jdk-headless", "texlive-latex-extra", "gcc-12", "blender-data", "openclipart-svg"]


def program():
    if os.environ.get("ASSAY"):
        return os.environ["ASSAY"]
    path = os.path.join(ROOT, "build", "release", "assay")
    return path if os.access(path, os.X_OK) else os.path.join(ROOT, "assay")


def memory_of_session(session):
    """Bytes that the processes of a session hold together; shared pages are shared out (PSS)."""
    total = 0
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[3]) != session:
                    continue
            with open("/proc/%s/smaps_rollup" % pid, encoding="utf-8") as file:
                total += sum(int(l.split()[1]) * 1024 for l in file if l.startswith("Pss:"))
        except (OSError, ValueError, IndexError):
            continue
    return total


def run(command, sample=None, cwd=None, shell=False):
    """Runs a command in a session of its own: {wall, cpu, rss, pss, status}; pss only where sampled."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True, cwd=cwd, shell=shell, env=dict(os.environ, ASSAY_HOME=ROOT))
    peak, done = [0], threading.Event()

    def watch():
        while not done.wait(sample):
            peak[0] = max(peak[0], memory_of_session(child.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    if sample:
        watcher.start()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - begin
    done.set()
    if sample:
        watcher.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, "rss": used.ru_maxrss * 1024, "pss": peak[0], "status": child.returncode}


def packages(megabytes, folder):
    """Paths of .deb files of about so many megabytes: ASSAY_CORPUS or build/corpus, then downloads."""
    corpus = os.environ.get("ASSAY_CORPUS", os.path.join(ROOT, "build", "corpus"))
    found = []
    for name in ("random", "spylike"):
        here = os.path.join(corpus, name)
        found += [os.path.join(here, f) for f in sorted(os.listdir(here)) if f.endswith(".deb")] if os.path.isdir(here) else []
    out, size = [], 0

    def take(paths):
        nonlocal size
        for path in paths:
            if size < megabytes << 20 and path not in out:
                out.append(path)
                size += os.path.getsize(path)

    take(found)
    os.makedirs(folder, exist_ok=True)
    take(os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".deb"))
    for name in FURTHER:
        if size >= megabytes << 20:
            break
        subprocess.run(["apt-get", "download", "-qq", name], cwd=folder, check=False)
        take(os.path.join(folder, f) for f in sorted(os.listdir(folder)) if f.endswith(".deb"))
    return out, size


def wilson(hits, n, z=1.959964):
    """The 95 % interval of a rate, as two fractions (E. B. Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    p = hits / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, mid - half), min(1.0, mid + half)
