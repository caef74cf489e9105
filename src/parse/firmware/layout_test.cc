#include "parse/firmware/layout.h"

#include <gtest/gtest.h>

namespace parse::firmware {
namespace {

TEST(Layout, SumsOverPiecesWithBlanks) {
  const auto text = base::bytes_of("1234XXXX56789");
  EXPECT_EQ(compute(Sum::crc32, text, {{{0, 4}}, {{8, 5}}}), to_bytes(0xCBF43926));
  EXPECT_EQ(compute(Sum::sum16, text, {{{0, 2}}, {{4, 3}, 1}}), to_bytes('1' + '2' + 3));
  EXPECT_EQ(compute(Sum::adler32, text, {{{0, 4}}, {{8, 5}}}), to_bytes(0x091E01DE));
  EXPECT_EQ(compute(Sum::md5, text, {{{0, 4}}, {{8, 5}}}), compute(Sum::md5, base::bytes_of("123456789"), {{{0, 9}}}));
  EXPECT_EQ(compute(Sum::crc32, text, {{{1000, 4}}}), to_bytes(0)) << "bytes that are not there";
}
TEST(Layout, FieldText) { EXPECT_EQ(field_text(base::bytes_of(std::string_view("name \0junk", 10))), "name"); }

}  // namespace
}  // namespace parse::firmware
