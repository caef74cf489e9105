// What the writer has signed, kept outside of the folder that is served: FOLDER.record. The one place
// that decides what may be signed next. Losing it means never writing this log again; taking an older
// copy back would let the writer sign a fork, which open() refuses as far as the folder shows it.
#pragma once

#include "tlog/checkpoint.h"
#include "tlog/database.h"

namespace tlog {

/// The last checkpoint signed. Size 0 with an empty note: none yet.
struct Signed {
  Checkpoint checkpoint;
  std::uint64_t before = 0;   ///< size of the checkpoint that was signed before
  std::string note;
};

class Record {
 public:
  static std::string file_of(std::string folder);
  /// Error: usage: there is one already.
  static base::Result<> make(const std::string& folder, const std::string& origin, const std::string& vkey);
  static base::Result<Record> open(const std::string& folder);

  const std::string& origin() const { return origin_; }
  const std::string& vkey() const { return vkey_; }
  base::Result<Signed> last();
  /// Compare and swap, on disk when it returns: `next` follows `last` only if that is still the last one.
  /// `leaves` are the hashes of the new entries in order. Error: bug: another one has been signed meanwhile.
  base::Result<> follow(const Signed& last, const Signed& next, const std::vector<Hash>& leaves);
  /// Where an entry of this hash stands.
  base::Result<std::optional<std::uint64_t>> index_of(const Hash& leaf);

 private:
  explicit Record(Database database) : database_(std::move(database)) {}
  Database database_;
  std::optional<Query> find_, add_;
  std::string origin_, vkey_;
};

}  // namespace tlog
