#include <gtest/gtest.h>

#include "unpack/mutants.h"

namespace unpack {
const evidence::Reader& unread();
namespace {

TEST(Unread, EverythingIsOpaqueAndNamed) {
  const std::string bytes = "LRZI and what follows";
  const auto r = evidence::read_alone(unread(), base::bytes_of(bytes), "lrzip");
  ASSERT_FALSE(r.result);
  EXPECT_EQ(r.result.error().trouble, base::Trouble::unsupported);
  EXPECT_EQ(evidence::tally(*evidence::tile(r.sink.claims, bytes.size(), {{}, evidence::Label::scanned, ""})).of(evidence::Label::opaque), bytes.size());
}

}  // namespace
}  // namespace unpack
