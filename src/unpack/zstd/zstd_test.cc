#include "unpack/one_layer.h"

namespace unpack {
const evidence::Reader& zstd();
namespace {

Layer layer() { return {zstd(), "zstd", ".zst", zstd_encoded}; }

TEST(Zstd, GivesTheContentOfAllStreams) { expect_the_content_of_all_streams(layer()); }
TEST(Zstd, BytesBehindTheEndAreHandedOnAndStated) { expect_bytes_behind_the_end_stated(layer()); }
TEST(Zstd, ZerosBehindTheEndArePadding) { expect_zeros_behind_the_end_to_be_padding(layer()); }
TEST(Zstd, ATruncatedStreamIsAnErrorAndKeepsWhatWasRead) { expect_what_was_read_of_a_truncated_stream(layer()); }
TEST(Zstd, ABudgetEndsABomb) { expect_a_budget_to_end_a_bomb(layer()); }
TEST(Zstd, Survives) { expect_survives(layer().reader, zstd_encoded(some_text(3000)), "zstd"); }

}  // namespace
}  // namespace unpack
