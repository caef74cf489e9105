#include "vet/remainder.h"

#include <gtest/gtest.h>

#include "evidence/recorder.h"

namespace vet {
namespace {

struct Fixture {
  std::string text = "head MEMBER-ONE middle MEMBER-TWO tail";
  evidence::View whole;
  Fixture() {
    whole.bytes = base::bytes_of(text);
    whole.kind = "tar";
    whole.remaining = evidence::remaining({{{5, 11}, evidence::Label::handed_on, ""}, {{23, 11}, evidence::Label::handed_on, ""}}, text.size());
  }
};

TEST(Remainder, HoldsWhatWasNotHandedOnAndMapsItBack) {
  Fixture f;
  const Remainder rest(f.whole);
  ASSERT_EQ(rest.parts().size(), 3u);
  const auto text = base::text_of(rest.view().bytes);
  EXPECT_EQ(text.find("MEMBER"), std::string_view::npos);
  evidence::Recorder sink(f.whole.bytes);
  RemainderSink mapped(rest, sink);
  for (const auto* word : {"head", "middle", "tail"}) {
    evidence::Item item;
    item.value = word;
    item.range = {text.find(word), std::string_view(word).size()};
    mapped.state(item);
    EXPECT_EQ(f.text.substr(sink.items.back().range.offset, sink.items.back().range.size), word);
    EXPECT_EQ(sink.items.back().excerpt, word);
  }
}

TEST(Remainder, DividesLabelsAndCutsItemsThatSpanParts) {
  Fixture f;
  const Remainder rest(f.whole);
  evidence::Recorder sink(f.whole.bytes);
  RemainderSink mapped(rest, sink);
  mapped.label({0, rest.view().bytes.size()}, evidence::Label::opaque, "dense");
  ASSERT_EQ(sink.claims.size(), 3u);
  EXPECT_EQ(sink.claims[1].range, (base::Range{16, 7}));
  evidence::Item item;
  item.range = {0, rest.view().bytes.size()};
  mapped.state(item);
  EXPECT_EQ(sink.items.back().range, (base::Range{0, 5}));
  item.range = {rest.parts()[0].range.size + 2, 10};  // between two parts: of nothing
  mapped.state(item);
  EXPECT_EQ(sink.items.back().range.size, 0u);
}

TEST(Remainder, OfNothingIsEmpty) {
  evidence::View whole;
  const Remainder rest(whole);
  evidence::Recorder sink({});
  RemainderSink mapped(rest, sink);
  mapped.state({});
  mapped.label({0, 0}, evidence::Label::opaque, "");
  EXPECT_TRUE(rest.view().bytes.empty());
  EXPECT_EQ(sink.items.size(), 1u);
}

}  // namespace
}  // namespace vet
