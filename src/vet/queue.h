// The queue over a whole product: generation by generation (a generation = all artifacts at one
// depth), each artifact in a worker of its own, many workers at once. Results do not depend on the
// number of lanes: budgets are dealt out between generations, in tree order.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "artifact/tree.h"
#include "confine/zygote.h"
#include "vet/depot.h"
#include "vet/job.h"

namespace vet {

/// One thing handed in; file content is frozen and readable at the blob.
struct Source {
  artifact::Entry entry;
  base::Digest digest;
  Blob blob;
};

/// Evidence kept from earlier runs. Called from the thread that runs run(). Errors are misses.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual std::optional<base::Buffer> find(const base::Digest& key) = 0;
  virtual void keep(const base::Digest& key, base::Bytes result) = 0;
  virtual void flush() = 0;  ///< makes what was kept durable
};

/// For a progress bar; read from another thread.
struct Progress {
  std::atomic<std::uint64_t> bytes_done{0}, bytes_known{0}, artifacts_done{0}, artifacts_known{0}, from_cache{0};
  std::string current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void set_current(std::string place) {
    const std::lock_guard lock(mutex_);
    current_ = std::move(place);
  }

 private:
  mutable std::mutex mutex_;
  std::string current_;
};

struct Settings {
  Limits limits;
  unsigned lanes = 1;
  std::string depot_folder;
  base::Digest engine;       ///< of everything that turns bytes into evidence: part of every cache key
  Cache* cache = nullptr;    ///< null: nothing is taken from or put into a cache
  const std::atomic<bool>* stop = nullptr;
  std::string keep_name;     ///< file name whose content (up to 1 MiB) is returned; "" = none
};

struct Vetted {
  artifact::Tree tree;
  std::vector<evidence::Dossier> dossiers;  ///< index = node id
  std::vector<std::string> details;         ///< identify's phrase
  std::map<artifact::NodeId, base::Buffer> kept;  ///< content of nodes whose file name was asked for (Settings::keep_name)
  std::uint64_t workers = 0, cached = 0;
};

/// Error io: our own side failed (disk, processes) or the run was stopped; never because of the product.
base::Result<Vetted> run(const std::vector<Source>& product, confine::Zygote& zygote, const Readers& readers, const Settings& settings, Progress& progress);

}  // namespace vet
