// A sink that keeps everything in memory: for tests, and inside the worker for evidence and labels.
#pragma once

#include <set>

#include "evidence/reader.h"
#include "evidence/sink.h"

namespace evidence {

struct Child {
  artifact::Entry entry;
  base::Buffer bytes;
};

class Recorder final : public Sink {
 public:
  explicit Recorder(base::Bytes bytes, std::uint64_t step_limit = UINT64_MAX, std::uint64_t child_limit = 1ull << 30)
      : bytes_(bytes), steps_left_(step_limit), child_left_(child_limit) {}

  void state(Item item) override;
  void label(base::Range range, Label label, std::string_view why) override { claims.push_back({range, label, std::string(why)}); }
  base::Result<> begin_child(const artifact::Entry& entry) override;
  base::Result<> child_bytes(base::Bytes bytes) override;
  void end_child() override {}
  std::uint64_t room() const override { return child_left_; }
  base::Result<> spend(std::uint64_t steps) override;

  /// Items of a facet (and word, unless ""), in the order stated.
  std::vector<Item> all(Facet facet, std::string_view word = {}) const;
  bool has(Facet facet, std::string_view word, std::string_view value = {}) const;
  const Child* child_named(std::string_view name) const;

  std::vector<Item> items;
  std::vector<Claim> claims;
  std::vector<Child> children;

 private:
  base::Bytes bytes_;
  std::uint64_t steps_left_;
  std::uint64_t child_left_;
};

/// Cuts value and excerpt to their bounds and fills an empty excerpt from the range.
void bound(Item& item, base::Bytes bytes);

/// Runs one reader over bytes as if they were the content of a file of this name and kind.
struct Reading {
  Recorder sink;
  base::Result<> result;
};
Reading read_alone(const Reader& reader, base::Bytes bytes, std::string_view kind, std::string_view name = "file",
                   std::vector<artifact::Link> containers = {});

}  // namespace evidence
