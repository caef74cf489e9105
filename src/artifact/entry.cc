#include "artifact/entry.h"

namespace artifact {

std::string_view name_of(Nature nature) {
  switch (nature) {
    case Nature::file: return "file";
    case Nature::directory: return "directory";
    case Nature::symlink: return "symlink";
    case Nature::hardlink: return "hardlink";
    case Nature::device: return "device";
    case Nature::fifo: return "fifo";
    case Nature::socket: return "socket";
  }
  return "file";
}

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::product: return "product";
    case Origin::member: return "member";
    case Origin::layer: return "layer";
    case Origin::embedded: return "embedded";
    case Origin::decoded: return "decoded";
    case Origin::step: return "step";
    case Origin::hidden: return "hidden";
  }
  return "member";
}

std::string normal_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (part.empty() || part == ".") continue;
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

}  // namespace artifact
