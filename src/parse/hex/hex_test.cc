#include "parse/hex/hex.h"

#include <gtest/gtest.h>

namespace parse::hex {
namespace {

TEST(Hex, OneRecordOfEachForm) {
  const auto intel = read(Form::intel, ":03001000696C65B3");
  ASSERT_TRUE(intel);
  EXPECT_TRUE(intel->sum_is_right);
  EXPECT_EQ(intel->address, 0x10u);
  EXPECT_EQ(base::text_of(intel->data), "ile");
  const auto motorola = read(Form::motorola, "S111003848656C6C6F20776F726C642E0A0042");
  ASSERT_TRUE(motorola);
  EXPECT_TRUE(motorola->sum_is_right);
  EXPECT_EQ(motorola->address, 0x38u);
  const auto standard = read(Form::tektronix, "/0040060A726C642E0A003F");
  ASSERT_TRUE(standard);
  EXPECT_TRUE(standard->sum_is_right);
  EXPECT_EQ(standard->data.size(), 6u);
  const auto extended = read(Form::tektronix_extended, "%1A65C800000040726C642E0A00");
  ASSERT_TRUE(extended);
  EXPECT_TRUE(extended->sum_is_right);
  EXPECT_EQ(extended->address, 0x40u);
  EXPECT_EQ(extended->data, standard->data);
}
TEST(Hex, OtherTextIsNone) {
  for (const std::string_view text : {"/usr/bin/env\n/bin/sh\n", "S100 is a number\nS1 too\n", ":set nocp\n:quit\n", "%PDF-1.4\n%more\n", "Sometimes\nSo\n"}) EXPECT_FALSE(form_of(base::bytes_of(text))) << text;
}

}  // namespace
}  // namespace parse::hex
