// The glossary and the code speak of the same words.
#include "evidence/vocabulary.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace evidence;

TEST(Vocabulary, TheGlossaryNamesEveryFacetAndWord) {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/docs/glossary.md");
  const std::string glossary(std::istreambuf_iterator<char>(in), {});
  ASSERT_FALSE(glossary.empty());
  for (const auto facet : all_facets()) {
    EXPECT_NE(glossary.find("**" + std::string(name_of(facet)) + "** ("), std::string::npos) << name_of(facet);
    for (const auto word : words_of(facet)) EXPECT_NE(glossary.find("`" + std::string(word) + "`"), std::string::npos) << word;
  }
}

TEST(Vocabulary, FacetsAreFoundByNameAndInTheirOwnOrder) {
  std::size_t at = 0;
  for (const auto facet : all_facets()) {
    EXPECT_EQ(facet_from(name_of(facet)), facet);
    EXPECT_EQ(static_cast<std::size_t>(facet), at++);  // wire.cc bounds the number by the count
  }
  EXPECT_FALSE(facet_from("nonsense"));
}

TEST(Vocabulary, ClosedFacetsTakeTheirWordsOnly) {
  EXPECT_TRUE(is_word(Facet::trust, "key-escrow"));
  EXPECT_FALSE(is_word(Facet::trust, "anything"));
  EXPECT_TRUE(is_word(Facet::import, "anything"));
}
