// The names in a tar that comes in pieces, as a layer does when it is decompressed: nothing is kept
// but one header and extended headers of at most 1 MiB.
#pragma once

#include <functional>

#include "unpack/tar/header.h"

namespace unpack::tar_format {

class NameScan {
 public:
  /// `see(member, offset of its content)`; its error ends the scan.
  explicit NameScan(std::function<base::Result<>(const Member&, std::uint64_t)> see) : see_(std::move(see)) {}
  base::Result<> feed(base::Bytes bytes);
  bool ended() const { return ended_; }

 private:
  base::Result<> header();
  base::Result<> extended_header();

  std::function<base::Result<>(const Member&, std::uint64_t)> see_;
  base::Buffer held_;             ///< of the header or extended header being gathered
  std::uint64_t wanted_ = 512;    ///< bytes of it
  std::uint64_t skip_ = 0;        ///< content and padding still to pass over
  std::uint64_t at_ = 0;          ///< bytes seen
  char extended_type_ = 0;        ///< set while an extended header is gathered
  std::uint64_t extended_size_ = 0;
  Extended pending_;
  bool ended_ = false;
};

}  // namespace unpack::tar_format
