// What the unpackers of virtual machines' disks share: the disk as the machine sees it, put together
// from runs of the image file, and the budgets that a small file with a huge disk asks for.
// One VirtualDisk serves one read of one artifact; single-threaded.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "unpack/ledger.h"

namespace unpack {

/// A run of the disk that the image stores. Runs are added in the order of the disk.
struct DiskRun {
  std::uint64_t disk = 0;    ///< offset on the disk
  std::uint64_t size = 0;    ///< on the disk
  std::uint64_t offset = 0;  ///< in the image
  std::uint64_t stored = 0;  ///< in the image; differs from size where packed
  bool packed = false;
  std::uint32_t form = 0;    ///< how it is packed, where a format has several ways
};

class VirtualDisk {
 public:
  /// Opens a packed run: at most run.size bytes.
  using Open = std::function<base::Result<base::Buffer>(base::Bytes stored, const DiskRun& run)>;

  VirtualDisk(const evidence::View& view, evidence::Sink& sink, Ledger& ledger, Open open = {}) : view_(view), sink_(sink), ledger_(ledger), open_(std::move(open)) {}

  /// An error (limit) beyond two million runs; runs that go on where the last one ended are joined.
  base::Result<> add(const DiskRun& run);
  bool empty() const { return runs_.empty(); }

  /// Gives the disk as one child of at most `size` bytes, holes as zeros. Zeros behind the last run
  /// are given when they are few (256 MiB); else a property says how long the disk is. A disk that is
  /// larger than the budget is stated as a limit, and its runs are given one by one.
  base::Result<> give(artifact::Entry entry, std::uint64_t size);
  /// Gives the runs one by one, "<name>@0x<offset on the disk>": what lies between is not known here.
  base::Result<> give_runs(const artifact::Entry& entry, std::uint64_t size);
  /// Labels the runs without giving them.
  void label(evidence::Label label, std::string_view why);

 private:
  template <class Child>
  base::Result<> put(Child& child, const DiskRun& run, std::uint64_t most);

  const evidence::View& view_;
  evidence::Sink& sink_;
  Ledger& ledger_;
  Open open_;
  std::vector<DiskRun> runs_;
  bool troubled_ = false;  ///< a damaged run was stated; the others are only labelled
};

/// States that the image builds on another file, or keeps its content there.
void state_other_file(evidence::Sink& sink, std::string_view why, std::string name);

}  // namespace unpack
