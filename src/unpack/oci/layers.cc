// See layers.h.
#include "unpack/oci/layers.h"

namespace unpack::oci_format {

void FinalTree::see(const artifact::Entry& entry, unsigned layer) {
  layer_ = layer;
  auto path = artifact::normal_path(entry.name);
  const auto slash = path.rfind('/');
  const auto name = slash == path.npos ? path : path.substr(slash + 1);
  const auto folder = slash == path.npos ? std::string{} : path.substr(0, slash + 1);
  if (name == ".wh..wh..opq") whiteouts_.push_back({folder, true});
  else if (name.starts_with(".wh.")) whiteouts_.push_back({folder + name.substr(4), false});
  else if (entry.nature != artifact::Nature::directory) fresh_[std::move(path)] = layer;
}

void FinalTree::erase_below(const std::string& folder, unsigned by) {
  for (auto at = files_.lower_bound(folder); at != files_.end() && at->first.starts_with(folder);) {
    hidden_.push_back({at->first, at->second, by, true});
    at = files_.erase(at);
  }
}

void FinalTree::end_of_layer() {
  for (const auto& [path, opaque] : whiteouts_) {
    if (opaque) {
      erase_below(path, layer_);
      continue;
    }
    if (const auto at = files_.find(path); at != files_.end()) {
      hidden_.push_back({path, at->second, layer_, true});
      files_.erase(at);
    }
    erase_below(path + "/", layer_);
  }
  for (auto& [path, layer] : fresh_) {
    const auto [at, added] = files_.emplace(path, layer);
    if (added) continue;
    hidden_.push_back({path, at->second, layer, false});
    at->second = layer;
  }
  whiteouts_.clear();
  fresh_.clear();
}

}  // namespace unpack::oci_format
