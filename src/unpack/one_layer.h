// For tests only: what every format that is nothing but one compressed file owes.
#pragma once

#include "unpack/encode.h"
#include "unpack/mutants.h"

namespace unpack {

struct Layer {
  const evidence::Reader& reader;
  std::string_view kind, suffix;
  std::string (*encode)(const std::string& text);

  evidence::Reading read(const std::string& whole, std::string_view name = "file") const { return evidence::read_alone(reader, base::bytes_of(whole), kind, name); }
};

inline void expect_the_content_of_all_streams(const Layer& layer) {
  const auto text = some_text(700'000);
  const auto whole = layer.encode(text) + layer.encode("and more");
  const auto reading = layer.read(whole, "notes.txt" + std::string(layer.suffix));
  ASSERT_TRUE(reading.result) << reading.result.error().what;
  ASSERT_EQ(reading.sink.children.size(), 1u);
  EXPECT_EQ(base::text_of(reading.sink.children[0].bytes), text + "and more");
  EXPECT_EQ(reading.sink.children[0].entry.name, "notes.txt");
  EXPECT_EQ(reading.sink.children[0].entry.origin, artifact::Origin::layer);
  EXPECT_TRUE(reading.sink.all(evidence::Facet::concealment).empty());
}

inline void expect_bytes_behind_the_end_stated(const Layer& layer) {
  const auto whole = layer.encode("text") + "#!/bin/sh hidden";
  const auto reading = layer.read(whole);
  ASSERT_TRUE(reading.result);
  ASSERT_TRUE(reading.sink.child_named("after-the-end"));
  EXPECT_EQ(base::text_of(reading.sink.child_named("after-the-end")->bytes), "#!/bin/sh hidden");
  EXPECT_TRUE(reading.sink.has(evidence::Facet::concealment, "mismatch"));
}

inline void expect_zeros_behind_the_end_to_be_padding(const Layer& layer) {
  const auto whole = layer.encode("text") + std::string(100, '\0');
  const auto reading = layer.read(whole);
  ASSERT_TRUE(reading.result);
  EXPECT_TRUE(reading.sink.all(evidence::Facet::concealment).empty());
}

inline void expect_what_was_read_of_a_truncated_stream(const Layer& layer) {
  const auto whole = layer.encode(some_text(900'000));
  const auto reading = layer.read(whole.substr(0, whole.size() - 20));
  ASSERT_FALSE(reading.result);
  EXPECT_GT(reading.sink.children.at(0).bytes.size(), 100'000u);
}

inline void expect_a_budget_to_end_a_bomb(const Layer& layer) {
  const auto bomb = layer.encode(std::string(30'000'000, 'a'));
  const auto reading = read_hostile(layer.reader, base::bytes_of(bomb), layer.kind, "bomb");
  ASSERT_FALSE(reading.result);
  EXPECT_EQ(reading.result.error().trouble, base::Trouble::limit);
}

}  // namespace unpack
