// What a worker sends is hostile: every truncation and a few thousand mutants must end in a value
// within its bounds or an error.
#include "evidence/wire.h"

#include <gtest/gtest.h>

#include <random>

using namespace evidence;

namespace {

Item sample() {
  Item i;
  i.facet = Facet::endpoint;
  i.word = "url";
  i.value = "https://example.invalid/";
  i.attributes = {{"label", "reserved"}};
  i.range = {5, 10};
  i.excerpt = "x";
  i.unit = "main";
  i.confidence = Confidence::medium;
  i.secret = true;
  i.examiner = "endpoints";
  i.count = 3;
  return i;
}

}  // namespace

TEST(Wire, AnItemComesBackAsItWas) {
  wire::Writer w;
  w.item(sample());
  base::Cursor in(w.bytes());
  const auto back = wire::item(in);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, sample());
}

TEST(Wire, TruncatedAtEveryByteIsAnError) {
  wire::Writer w;
  w.item(sample());
  for (std::size_t n = 0; n < w.bytes().size(); ++n) {
    base::Cursor in(w.bytes().first(n));
    EXPECT_FALSE(wire::item(in)) << n;
  }
}

TEST(Wire, MutantsStayInBounds) {
  wire::Writer w;
  w.item(sample());
  std::mt19937 random(7);
  for (int round = 0; round < 5000; ++round) {
    base::Buffer b(w.bytes().begin(), w.bytes().end());
    for (int n = 0; n < 3; ++n) b[random() % b.size()] = static_cast<std::uint8_t>(random());
    base::Cursor in(b);
    if (const auto item = wire::item(in)) {
      EXPECT_LE(item->value.size(), most_value);
      EXPECT_TRUE(!is_closed(item->facet) || is_word(item->facet, item->word));
    }
  }
}

TEST(Wire, AWordThatIsNotInTheVocabularyIsRefused) {
  auto i = sample();
  i.facet = Facet::trust;
  i.word = "invented";
  wire::Writer w;
  w.item(i);
  base::Cursor in(w.bytes());
  EXPECT_FALSE(wire::item(in));
}
