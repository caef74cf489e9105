// A UDF volume: descriptors, partitions, file entries and directories. ECMA-167, third edition;
// OSTA UDF 2.60. Bounded reads of hostile bytes; opinion-free.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "evidence/sink.h"
#include "unpack/ledger.h"

namespace unpack::udf_format {

struct Place {  ///< a block of a partition, or a run of them
  std::uint64_t block = 0;
  std::uint32_t size = 0;  ///< bytes
  std::uint16_t partition = 0;
};

struct Node {
  std::uint8_t type = 0;  ///< 4 directory, 5 file, 12 link ...
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::uint16_t links = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  ///< of its file entry
  Place streams;             ///< directory of named streams; size 0 = none
  std::vector<Extent> extents;
};

struct Listed {
  std::string name;
  Place node;
  bool directory = false, deleted = false;
};

class Volume {
 public:
  /// Finds the volume and claims what describes it.
  static base::Result<Volume> open(base::Bytes bytes, Ledger& ledger, evidence::Sink& sink);
  Place root() const { return root_; }
  Place streams() const { return streams_; }  ///< directory of the volume's own streams; size 0 = none
  std::uint64_t end() const { return end_; }  ///< of the last partition or descriptor

  base::Result<Node> node(Place place, Ledger& ledger, evidence::Sink& sink) const;
  base::Result<std::vector<Listed>> list(const Node& directory, Ledger& ledger, evidence::Sink& sink) const;
  base::Buffer content(const Node& node, std::uint64_t most) const;

 private:
  struct Partition {
    std::uint16_t number = 0;
    std::uint64_t start = 0, blocks = 0;
    bool readable = true;
    std::vector<Extent> metadata;  ///< where its blocks stand, when they stand in a file
  };

  base::Result<> descriptors(base::Range range, Ledger& ledger, evidence::Sink& sink);
  base::Result<> logical_volume(base::Bytes descriptor, Ledger& ledger, evidence::Sink& sink);
  std::optional<std::uint64_t> find(Place place) const;
  base::Result<> allocation(base::Bytes descriptors, unsigned form, std::uint16_t partition, Node& node, Ledger& ledger, evidence::Sink& sink, int depth) const;

  base::Bytes bytes_;
  std::uint64_t sector_ = 2048, block_ = 2048, end_ = 0;
  std::vector<Partition> physical_, logical_;
  Place root_, streams_, file_set_;
  bool described_ = false;
};

}  // namespace unpack::udf_format
