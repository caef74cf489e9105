#include "unpack/one_layer.h"

namespace unpack {
const evidence::Reader& xz();
namespace {

Layer layer() { return {xz(), "xz", ".xz", xzipped}; }

TEST(Xz, GivesTheContentOfAllStreams) { expect_the_content_of_all_streams(layer()); }
TEST(Xz, BytesBehindTheEndAreHandedOnAndStated) { expect_bytes_behind_the_end_stated(layer()); }
TEST(Xz, ZerosBehindTheEndArePadding) { expect_zeros_behind_the_end_to_be_padding(layer()); }
TEST(Xz, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) { expect_what_was_read_of_a_truncated_stream(layer()); }
TEST(Xz, ABudgetEndsABomb) { expect_a_budget_to_end_a_bomb(layer()); }
TEST(Xz, Survives) { expect_survives(layer().reader, xzipped(some_text(3000)), "xz"); }

}  // namespace
}  // namespace unpack
