#!/usr/bin/env bash
# Prints the engine's digest: SHA-256 over its sources and the version of every library that reads
# product bytes. Not over what signs, logs and gates verdicts, and not over the compiled binary, so that every build of one source is one engine.
# With `--source VERSION`: as the C++ source that src/app/office.cc links, and beside it the digest of what turns bytes
# into evidence: kept evidence outlives a change of what only compares, judges and shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
digest_without() {  # rooms...
  local leave_out=()
  for room in "$@"; do leave_out+=(! -path "src/$room/*"); done
  {
    find src cmake CMakeLists.txt third_party/package-lock.json -type f ! -name '*_test.cc' ! -name '*_fuzz.cc' ! -name '*.golden*' "${leave_out[@]}" -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    sed -n '/^\[run\]/,/^\[test\]/s/^\(lib[^ |]*\|zlib1g-dev\).*/\1/p' packages.list | LC_ALL=C sort |
      xargs dpkg-query -W -f '${Package} ${Version}\n' 2>/dev/null || true
  } | sha256sum | cut -d ' ' -f 1
}
digest=$(digest_without sign http tlog hallmark gate)
if [[ ${1:-} == --source ]]; then
  evidence=$(digest_without sign http tlog hallmark gate app compare intake judge render report store)
  printf '// Written by cmake/engine_digest.sh.\nnamespace app {\nextern const char engine_digest_hex[], evidence_digest_hex[], engine_version[], source_folder[];\n'
  printf 'const char engine_digest_hex[] = "%s";\nconst char evidence_digest_hex[] = "%s";\nconst char engine_version[] = "%s";\nconst char source_folder[] = "%s";\n}  // namespace app\n' "$digest" "$evidence" "$2" "$PWD"
else
  printf '%s\n' "$digest"
fi
