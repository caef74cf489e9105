#include "unpack/one_layer.h"

namespace unpack {
const evidence::Reader& gzip();
namespace {

Layer layer() { return {gzip(), "gzip", ".gz", gzipped}; }

TEST(Gzip, GivesTheContentOfAllStreams) { expect_the_content_of_all_streams(layer()); }
TEST(Gzip, BytesBehindTheEndAreHandedOnAndStated) { expect_bytes_behind_the_end_stated(layer()); }
TEST(Gzip, ZerosBehindTheEndArePadding) { expect_zeros_behind_the_end_to_be_padding(layer()); }
TEST(Gzip, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) { expect_what_was_read_of_a_truncated_stream(layer()); }
TEST(Gzip, ABudgetEndsABomb) { expect_a_budget_to_end_a_bomb(layer()); }
TEST(Gzip, Survives) { expect_survives(layer().reader, gzipped(some_text(3000)), "gzip"); }

}  // namespace
}  // namespace unpack
