"""Bombs and traps, made by code. Each function returns the bytes; what they do is in their name."""
import gzip
import io
import struct
import tarfile
import zipfile
import zlib


def zeros_gz(pieces, piece=64 << 20):
    """One gzip member of so many pieces of zeros; made from one piece, repeated where deflate allows it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = deflate.compress(b"\0" * piece) + deflate.flush(zlib.Z_FULL_FLUSH)
    crc, all_of_it = zlib.crc32(b"\0" * piece), 0
    for i in range(pieces):
        all_of_it = _combine(all_of_it, crc, piece) if i else crc
    return b"\x1f\x8b\x08\0\0\0\0\0\2\x03" + one * pieces + b"\3\0" + struct.pack("<II", all_of_it, pieces * piece & 0xFFFFFFFF)


def tar(*members, format=tarfile.GNU_FORMAT):
    """members: (name, content or None, {attribute: value})."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as file:
        for name, content, more in members:
            head = tarfile.TarInfo(name)
            head.size = len(content or b"")
            for key, value in more.items():
                setattr(head, key, value)
            file.addfile(head, io.BytesIO(content) if content is not None else None)
    return out.getvalue()


def _local(name, method, crc, packed, size, extra=b""):
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, method, 0, 0x21, crc, packed, size, len(name), len(extra)) + name + extra


def _central(name, method, crc, packed, size, offset):
    return struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, method, 0, 0x21, crc, packed, size, len(name), 0, 0, 0, 0, 0, offset) + name


def _end(count, size, offset):
    return struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, offset, 0)


def zip_whole_overlap(count=5000, size=20 << 20):
    """Every entry of the directory names the same member."""
    packed = zlib.compress(b"\0" * size, 9)[2:-4]
    crc = zlib.crc32(b"\0" * size)
    body = _local(b"a", 8, crc, len(packed), size) + packed
    directory = b"".join(_central(b"f%05d" % i, 8, crc, len(packed), size, 0) for i in range(count))
    return body + directory + _end(count, len(directory), len(body))


def zip_quoted_overlap(count=250, size=8 << 20):
    """Fifield's construction: each member quotes the next one's header and shares its data."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = deflate.compress(b"\0" * size) + deflate.flush()
    names = [b"%03d" % i for i in range(count)]
    crc, plain = zlib.crc32(b"\0" * size), size
    tail, total = kernel, b""
    headers = []
    body = tail
    for name in reversed(names):
        head = _local(name, 8, crc, len(body), plain)
        headers.append((name, crc, len(body), plain, len(head) + len(body)))
        # what the member before it holds: this header as a stored block, then the same data
        body = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF) + head + body
        crc = _combine(zlib.crc32(head), crc, plain)
        plain += len(head)
    total = body[5:]
    end = len(total)
    directory = b"".join(_central(n, 8, c, p, s, end - back) for n, c, p, s, back in reversed(headers))
    return total + directory + _end(count, len(directory), end)


def _combine(first, second, length):
    """CRC-32 of A then B from those of A and B: shifts the first through `length` zero bytes."""
    def times(matrix, vector):
        out, i = 0, 0
        while vector:
            if vector & 1:
                out ^= matrix[i]
            vector >>= 1
            i += 1
        return out

    square = lambda m: [times(m, v) for v in m]
    odd = [0xEDB88320] + [1 << i for i in range(31)]  # one bit of zero
    even = square(square(square(odd)))                # one byte
    while length:
        if length & 1:
            first = times(even, first)
        even = square(even)
        length >>= 1
    return first ^ second


class _Bits:
    def __init__(self):
        self.value, self.count = 0, 0

    def put(self, value, count):
        self.value |= value << self.count
        self.count += count

    def code(self, value, count):  # Huffman codes stand most significant bit first
        self.put(int(format(value, "0%db" % count)[::-1], 2), count)

    def bytes(self, size):
        assert self.count == size * 8, "%d bits in place of %d" % (self.count, size * 8)
        return self.value.to_bytes(size, "little")


LENGTHS = [(3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5), (227, 5)]
DISTANCES = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5), (97, 5), (129, 6), (193, 6), (257, 7)]


def _repeat(lengths, distance, size, empty=False):
    """A block of `size` bytes that repeats; `empty`: another, empty block fills it up."""
    bits = _Bits()
    bits.put(0b010, 3)  # not the last, fixed codes
    for length in lengths:
        i = max(k for k, (base, _) in enumerate(LENGTHS) if base <= length)
        symbol = 257 + i
        bits.code(symbol - 256, 7) if symbol < 280 else bits.code(0xC0 + symbol - 280, 8)
        bits.put(length - LENGTHS[i][0], LENGTHS[i][1])
        d = max(k for k, (base, _) in enumerate(DISTANCES) if base <= distance)
        bits.code(d, 5)
        bits.put(distance - DISTANCES[d][0], DISTANCES[d][1])
    bits.put(0, 7)
    if empty:
        bits.put(0b010, 3)
        bits.put(0, 7)
    return bits.bytes(size)


def _literal(size):
    return struct.pack("<BHH", 0, size, size ^ 0xFFFF)


def _quine(prefix, suffix, repeat_prefix, repeat_suffix):
    """Russ Cox's construction (https://research.swtch.com/zip): deflate data that unpacks to prefix,
    itself and suffix."""
    lp, rp = _literal(len(prefix) + 5), repeat_prefix
    l0, l1, l4 = _literal(0), _literal(5), _literal(20)
    r4 = _repeat([10, 10], 20, 5)
    ls = _literal(len(repeat_suffix) + len(suffix))
    return (lp + prefix + lp + rp + l1 + rp + l1 + l1 + l4 + rp + l1 + l1 + l4 + r4 + l4 + r4 + l4 + r4 + l4 + r4 + l4 + r4 + l0 + l0 + ls + r4 + l0 + l0 + ls + repeat_suffix + suffix + repeat_suffix + suffix)


def _fixed_point(make):
    """x with crc32(make(x)) == x: the CRC is affine in x, so 33 looks and a linear system do."""
    base = zlib.crc32(make(0))
    rows = []
    for bit in range(32):
        rows.append(zlib.crc32(make(1 << bit)) ^ base ^ (1 << bit))  # column of M + I
    # solve sum(x_bit * rows[bit]) == base over GF(2)
    work = [(rows[bit], 1 << bit) for bit in range(32)]
    want, x = base, 0
    for bit in range(31, -1, -1):
        pivot = next((w for w in work if w[0] >> bit & 1), None)
        if pivot is None:
            continue
        work.remove(pivot)
        work = [(v ^ pivot[0], t ^ pivot[1]) if v >> bit & 1 else (v, t) for v, t in work]
        if want >> bit & 1:
            want, x = want ^ pivot[0], x ^ pivot[1]
    return None if want else x


def gzip_quine():
    """A gzip file that unpacks to itself."""
    for time in range(64):
        prefix = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, 8, time, 0, 3) + b"rec\0"

        def make(crc, size=0):
            for _ in range(2):
                suffix = b"\x01\x00\x00\xff\xff" + struct.pack("<II", crc, size)
                whole = prefix + _quine(prefix, suffix, _repeat([9, 10], 19, 5), _repeat([9, 9], 18, 5))
                size = len(whole)
            return whole

        crc = _fixed_point(make)
        if crc is not None:
            return make(crc)
    raise AssertionError("no gzip quine")


def zip_quine():
    """A zip archive whose one member is itself."""
    name = b"again/and-again/and-again.zip"
    for time in range(64):
        extra = struct.pack("<HH", 0x7A7A, 60 - 30 - len(name) - 4 if 60 - 30 - len(name) >= 4 else 0)
        extra = extra + b"\0" * (60 - 30 - len(name) - len(extra)) if 60 - 30 - len(name) >= 4 else b""
        padded_name = name + b"x" * (60 - 30 - len(name) - len(extra))

        def make(crc, packed=0, size=0):
            for _ in range(2):
                prefix = bytearray(_local(padded_name, 8, crc, packed, size, extra))
                prefix[10:12] = struct.pack("<H", time)
                prefix = bytes(prefix)
                central = bytearray(_central(padded_name, 8, crc, packed, size, 0))
                central[12:14] = struct.pack("<H", time)
                end = b"\x01\x00\x00\xff\xff"
                data_and_end = None
                suffix = end + bytes(central) + _end(1, len(central), len(prefix) + packed)
                whole_suffix = len(suffix) + 6
                deflated = _quine(prefix, suffix, _repeat([65], 65, 5, empty=True), _repeat([9, whole_suffix - 9], whole_suffix, 6))
                whole = prefix + deflated
                size = len(whole)
                packed = len(deflated) - len(suffix) + len(end)
            return whole

        crc = _fixed_point(make)
        if crc is not None:
            return make(crc)
    raise AssertionError("no zip quine")


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, compress_type=method)
    return out.getvalue()


def zip_nested(levels=4, width=10, bottom=64 << 20):
    """Like 42.zip: archives of archives, equal ones, with zeros at the bottom."""
    data = zip_of([("zeros", b"\0" * bottom)])
    for level in range(levels):
        data = zip_of([("%d-%d.zip" % (level, i), data) for i in range(width)])
    return data


def tar_many_empty(count=1_000_000):
    block = bytearray(tar(("0000000", b"", {}))[:512])
    block[148:156] = b" " * 8
    rest = sum(block) - sum(block[0:7])
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as file:
        for start in range(0, count, 2000):
            part = bytearray()
            for i in range(start, min(start + 2000, count)):
                name = b"%07d" % i
                block[0:7] = name
                block[148:156] = b"%06o\0 " % (rest + sum(name))
                part += block
            file.write(part)
        file.write(b"\0" * 1024)
    return out.getvalue()


def tar_sparse_huge():
    """GNU sparse format: a file of 8 EiB less one, one byte of which is stored."""
    head = bytearray(512)
    head[0:4] = b"huge"
    head[100:108], head[108:116], head[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    head[124:136], head[136:148] = b"00000001000\0", b"00000000000\0"
    head[156:157], head[257:265] = b"S", b"ustar  \0"
    big = (1 << 63) - 1
    number = lambda n: b"\x80" + n.to_bytes(11, "big")
    head[386:398], head[398:410] = number(big - 512), b"00000001000\0"
    head[483:495] = number(big)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + b"x" * 512 + b"\0" * 1024


def gzip_layers(count=200):
    data = b"the innermost text\n"
    for _ in range(count):
        data = gzip.compress(data, 1, mtime=0)
    return data
