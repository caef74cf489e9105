#include <gtest/gtest.h>

#include "evidence/recorder.h"
#include "unpack/fold.h"
#include "unpack/member.h"

namespace unpack {
namespace {

TEST(Fold, CaseAndUnicodeForms) {
  EXPECT_EQ(folded_name("README"), folded_name("readme"));
  EXPECT_EQ(folded_name("\xC3\x89t\xC3\xA9"), folded_name("e\xCC\x81te\xCC\x81"));            // composed and decomposed
  EXPECT_EQ(folded_name("\xD0\x90\xD0\x81"), folded_name("\xD0\xB0\xD1\x91"));                // Cyrillic
  EXPECT_EQ(folded_name("\xEF\xBC\xA1.exe"), folded_name("a.exe"));                            // full width
  EXPECT_EQ(folded_name("a\xE2\x80\x8B.js"), folded_name("a.js"));                             // no width
  EXPECT_NE(folded_name("a"), folded_name("b"));
  EXPECT_EQ(folded_name("\xFF\xC3"), "\xFF\xC3");                                              // no UTF-8
}
TEST(Fold, CollisionsAndDeviceNodesAreStated) {
  evidence::Recorder sink({});
  NameWatch names(sink);
  artifact::Entry entry;
  for (const char* name : {"d/Setup.sh", "d/setup.sh", "d/other"}) {
    entry.name = name;
    names.see(entry, {});
  }
  EXPECT_EQ(sink.items.size(), 1u);
  EXPECT_TRUE(sink.has(evidence::Facet::concealment, "mismatch", "d/setup.sh"));
  entry.nature = artifact::Nature::device;
  for (const char* name : {"dev/console", "opt/data"}) {
    entry.name = name;
    names.see(entry, {});
  }
  EXPECT_EQ(sink.items.size(), 2u);
}

}  // namespace
}  // namespace unpack
