// Members that are ranges of one decoded stream: folders of cabinets, solid installers, compiled help.
// The stream is decoded once (again where members overlap) and never kept; what no member names of it
// is handed on as hidden.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "evidence/reader.h"
#include "unpack/stream.h"

namespace unpack {

struct SolidMember {
  artifact::Entry entry;
  std::uint64_t offset = 0, size = 0;  ///< in the decoded stream
};

/// Runs `decode`, which gives the whole stream to its taker, and hands on the members. `what` names the
/// parts that belong to none. An error of the decoder is stated as trouble with the members that it cost;
/// what comes back is a limit or a bug only.
base::Result<> split_solid(evidence::Sink& sink, std::vector<SolidMember> members, std::string_view what, const std::function<base::Result<>(const stream::Take&)>& decode);

}  // namespace unpack
