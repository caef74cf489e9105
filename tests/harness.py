"""What the tests of the whole program share: the program, and a run that is watched from outside."""
import os
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VERDICTS = (0, 1, 3, 4)


def program():
    if os.environ.get("ASSAY"):
        return os.environ["ASSAY"]
    for preset in ("release", "dev"):
        path = os.path.join(ROOT, "build", preset, "assay")
        if os.access(path, os.X_OK):
            return path
    sys.exit("build the program first (./assay --version does)")


def family(pid):
    """The process and everything it started that still lives."""
    out = [pid]
    for p in out:
        try:
            for task in os.listdir("/proc/%d/task" % p):
                with open("/proc/%d/task/%s/children" % (p, task), encoding="ascii") as file:
                    out += [int(c) for c in file.read().split()]
        except OSError:
            pass
    return out


def memory(pids):
    """Bytes that these processes hold together; what they share is counted once. Pages of mapped
    files are left out: the kernel takes those back whenever it likes."""
    out = 0
    for p in pids:
        try:
            with open("/proc/%d/smaps_rollup" % p, encoding="ascii") as file:
                out += sum(int(line.split()[1]) * 1024 for line in file if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
        except (OSError, ValueError):
            pass
    return out


def descriptors(pid):
    try:
        return len(os.listdir("/proc/%d/fd" % pid))
    except OSError:
        return 0


class Watched:
    """One run: exit code, output, the most memory of all its processes, the descriptors of the parent."""

    def __init__(self, arguments, cwd=None, env=None, timeout=600, every=0.05):
        self.most_memory, self.descriptors, over = 0, [], threading.Event()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began = time.monotonic()
            busy = subprocess.Popen([program(), *arguments], stdout=out, stderr=err, stdin=subprocess.DEVNULL, cwd=cwd, env=dict(os.environ, ASSAY_HOME=ROOT, **(env or {})), start_new_session=True)

            def watch():
                while not over.wait(every):
                    self.most_memory = max(self.most_memory, memory(family(busy.pid)))
                    self.descriptors.append(descriptors(busy.pid))

            watcher = threading.Thread(target=watch)
            watcher.start()
            try:
                self.code = busy.wait(timeout)
            except subprocess.TimeoutExpired:
                for p in reversed(family(busy.pid)):
                    os.kill(p, 9)
                busy.wait()
                self.code = None
            self.seconds = time.monotonic() - began
            over.set()
            watcher.join()
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read().decode(errors="replace")


def snapshot(*folders):
    """Everything below these folders: path, size, time of change."""
    out = {}
    for folder in folders:
        for where, names, files in os.walk(folder):
            for name in names + files:
                path = os.path.join(where, name)
                look = os.lstat(path)
                out[path] = (look.st_mode, look.st_size if name in files else 0, look.st_mtime_ns if name in files else 0)
    return out
