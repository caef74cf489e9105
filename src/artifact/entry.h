// What a container says of one member: names and modes are the container's words, kept as raw
// bytes; nothing of it is ever used as a path of this machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace artifact {

enum class Nature { file, directory, symlink, hardlink, device, fifo, socket };

/// How an artifact came to be.
enum class Origin {
  product,   ///< handed in
  member,    ///< an entry of a container
  layer,     ///< the one content of a compressed or encoded artifact
  embedded,  ///< found inside a file that is more than its container (appended, carved, a stream)
  decoded,   ///< an encoding in a text or program, opened by an examiner
  step,      ///< a command text that a package runs at install, update, start or removal
  hidden,    ///< a member that the final tree does not show (lower image layer, deleted, duplicate)
};

struct Entry {
  std::string name;      ///< as the container writes it, raw bytes; "" for a layer
  Nature nature = Nature::file;
  Origin origin = Origin::member;
  std::uint32_t mode = 0;  ///< permission bits with setuid, setgid, sticky; 0 where unknown
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::string link;      ///< target of a symlink or hardlink, raw bytes
  std::string kind;      ///< kind that the container proves (a step's "script/shell"); "" = identify
};

std::string_view name_of(Nature nature);
std::string_view name_of(Origin origin);

/// Removes leading "./" and "/" and doubled slashes; resolves nothing else.
std::string normal_path(std::string_view path);

}  // namespace artifact
