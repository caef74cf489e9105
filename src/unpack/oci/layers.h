// Which files of an image's lower layers the final tree does not show: deleted by a whiteout or
// replaced by a later layer. https://github.com/opencontainers/image-spec/blob/main/layer.md
#pragma once

#include <map>
#include <string>
#include <vector>

#include "artifact/entry.h"

namespace unpack::oci_format {

struct HiddenFile {
  std::string path;
  unsigned layer = 0;  ///< where it stands, from 0
  unsigned by = 0;     ///< the layer that hides it
  bool deleted = false;
};

class FinalTree {
 public:
  /// Members in the order of layers and, within one, of the tar.
  void see(const artifact::Entry& entry, unsigned layer);
  /// Call after the last member of a layer: whiteouts apply to lower layers only.
  void end_of_layer();
  const std::vector<HiddenFile>& hidden() const { return hidden_; }

 private:
  void erase_below(const std::string& folder, unsigned by);

  std::map<std::string, unsigned> files_;  ///< path to the layer that shows it
  std::map<std::string, unsigned> fresh_;  ///< of the layer being read
  std::vector<std::pair<std::string, bool>> whiteouts_;  ///< path; true for an opaque folder
  std::vector<HiddenFile> hidden_;
  unsigned layer_ = 0;
};

}  // namespace unpack::oci_format
