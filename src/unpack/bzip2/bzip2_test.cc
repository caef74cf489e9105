#include "unpack/one_layer.h"

namespace unpack {
const evidence::Reader& bzip2();
namespace {

Layer layer() { return {bzip2(), "bzip2", ".bz2", bzipped}; }

TEST(Bzip2, GivesTheContentOfAllStreams) { expect_the_content_of_all_streams(layer()); }
TEST(Bzip2, BytesBehindTheEndAreHandedOnAndStated) { expect_bytes_behind_the_end_stated(layer()); }
TEST(Bzip2, ZerosBehindTheEndArePadding) { expect_zeros_behind_the_end_to_be_padding(layer()); }
TEST(Bzip2, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) { expect_what_was_read_of_a_truncated_stream(layer()); }
TEST(Bzip2, ABudgetEndsABomb) { expect_a_budget_to_end_a_bomb(layer()); }
TEST(Bzip2, Survives) { expect_survives(layer().reader, bzipped(some_text(3000)), "bzip2"); }

}  // namespace
}  // namespace unpack
