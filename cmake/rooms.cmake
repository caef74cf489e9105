# THE dependency table. A room's include path holds only itself and the rooms listed here
# (and what those list, transitively); the last column names the libraries whose headers it
# may include, checked against the compiler's dependency files by tests/walls.
#
# room(NAME  USES rooms...  LIBS cmake-targets...  HEADERS header-prefixes...)
room(base      USES                                   LIBS fmt::fmt OpenSSL::Crypto HEADERS fmt openssl)
room(artifact  USES base                              LIBS HEADERS fmt)
room(evidence  USES base artifact                     LIBS ZLIB::ZLIB HEADERS fmt zlib)
room(parse     USES base                              LIBS OpenSSL::Crypto HEADERS fmt openssl)
room(identify  USES base artifact evidence parse      LIBS HEADERS fmt)
room(confine   USES base                              LIBS PkgConfig::seccomp HEADERS fmt seccomp linux sys)
room(unpack    USES base artifact evidence parse identify confine
               LIBS LibArchive::LibArchive ZLIB::ZLIB BZip2::BZip2 LibLZMA::LibLZMA PkgConfig::zstd PkgConfig::lz4 PkgConfig::brotli PkgConfig::tsk nlohmann_json::nlohmann_json
               HEADERS fmt archive zlib bzlib lzma zstd lz4 brotli tsk nlohmann)
room(match     USES base artifact evidence parse      LIBS PkgConfig::yara PkgConfig::re2 HEADERS fmt yara re2)
room(code      USES base artifact evidence parse      LIBS tree_sitter PkgConfig::capstone HEADERS fmt tree_sitter capstone)
room(examine   USES base artifact evidence parse identify match code confine
               LIBS PkgConfig::psl PkgConfig::re2 nlohmann_json::nlohmann_json yaml-cpp OpenSSL::Crypto crypt tlsh
               HEADERS fmt libpsl re2 nlohmann yaml-cpp openssl crypt tlsh)
room(report    USES base artifact evidence            LIBS nlohmann_json::nlohmann_json yaml-cpp HEADERS fmt nlohmann yaml-cpp)
room(compare   USES base artifact evidence           LIBS tlsh HEADERS fmt tlsh)
room(judge     USES base artifact evidence compare report LIBS nlohmann_json::nlohmann_json yaml-cpp PkgConfig::re2 HEADERS fmt nlohmann yaml-cpp re2)
room(intake    USES base artifact evidence report     LIBS nlohmann_json::nlohmann_json HEADERS fmt nlohmann)
room(store     USES base artifact evidence report     LIBS SQLite::SQLite3 HEADERS fmt sqlite3)
room(render    USES base artifact evidence report     LIBS nlohmann_json::nlohmann_json ZLIB::ZLIB HEADERS fmt nlohmann zlib)
# Verdicts that travel: keys, the public log, hallmarks, gates. None of them sees a product's bytes.
room(sign      USES base                              LIBS OpenSSL::Crypto ${CMAKE_DL_LIBS} HEADERS fmt openssl p11-kit-1)
room(http      USES base                              LIBS cpp_httplib OpenSSL::SSL Threads::Threads HEADERS fmt httplib brotli zlib openssl)
room(tlog      USES base sign http                    LIBS SQLite::SQLite3 nlohmann_json::nlohmann_json cpp_httplib Threads::Threads HEADERS fmt sqlite3 nlohmann httplib brotli zlib)
room(hallmark  USES base artifact evidence report sign http tlog
               LIBS nlohmann_json::nlohmann_json HEADERS fmt nlohmann)
room(gate      USES base artifact evidence report sign http tlog hallmark
               LIBS CLI11::CLI11 nlohmann_json::nlohmann_json yaml-cpp cpp_httplib ZLIB::ZLIB LibLZMA::LibLZMA Threads::Threads
               HEADERS fmt CLI nlohmann yaml-cpp httplib brotli zlib lzma sys)
# One artifact through identify, unpack and examine in a worker; the queue over the whole product.
room(vet       USES base artifact evidence parse identify match code confine unpack examine
               LIBS Threads::Threads HEADERS fmt sys)
room(app       USES base artifact evidence parse identify confine unpack match code examine vet report compare judge intake store render sign http tlog hallmark
               LIBS CLI11::CLI11 Threads::Threads HEADERS fmt CLI nlohmann httplib brotli zlib)
