#!/usr/bin/env bash
# Prints the engine's digest: SHA-256 over its sources and the version of every library that reads
# product bytes. Not over the compiled binary, so that every build of one source is one engine.
set -euo pipefail
cd "$(dirname "$0")/.."
{
  find src cmake CMakeLists.txt third_party/package-lock.json -type f ! -name '*_test.cc' ! -name '*_fuzz.cc' ! -name '*.golden*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  sed -n '/^\[run\]/,/^\[test\]/s/^\(lib[^ |]*\|zlib1g-dev\).*/\1/p' packages.list | LC_ALL=C sort |
    xargs dpkg-query -W -f '${Package} ${Version}\n' 2>/dev/null || true
} | sha256sum | cut -d ' ' -f 1
