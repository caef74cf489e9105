#include "render/text/map.h"

#include <gtest/gtest.h>

#include "render/columns.h"
#include "render/text/bar.h"
#include "report/sample_report.h"

namespace render {
namespace {

using evidence::Label;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text)
    if (c == '\n') out.emplace_back();
    else out.back() += c;
  return out;
}

TEST(Bar, ShowsEveryLabelThatHasBytesAndKeepsItsWidth) {
  evidence::Tally tally;
  EXPECT_EQ(bar(tally, 10), "          ");
  tally.bytes[static_cast<std::size_t>(Label::examined)] = 1'000'000;
  tally.bytes[static_cast<std::size_t>(Label::opaque)] = 1;
  EXPECT_EQ(columns(bar(tally, 10)), 10u);
  EXPECT_NE(bar(tally, 10).find(mark_of(Label::opaque)), std::string::npos);
  tally.bytes[static_cast<std::size_t>(Label::handed_on)] = UINT64_MAX / 4;
  EXPECT_EQ(columns(bar(tally, 10)), 10u);
}

TEST(Map, KeepsTheWidthAndShowsWhatIsUnreadFirst) {
  const auto report = report::sample::failing();
  for (const unsigned width : {40u, 80u, 120u})
    for (const std::size_t rows : {1u, 3u, 100u}) {
      Options options;
      options.width = width;
      const auto text = map(report, rows, options);
      for (const auto& line : lines(text)) EXPECT_LE(columns(line), width) << line;
      EXPECT_EQ(text.find('\x1b'), std::string::npos);
    }
  Options options;
  const auto text = map(report, 8, options);
  EXPECT_NE(text.find("blob.bin"), std::string::npos);
  EXPECT_NE(text.find("more"), std::string::npos);
}

TEST(Layout, ListsRunsInOrderAndCountsTheRest) {
  std::vector<evidence::Claim> tiles;
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto size = i == 25 ? 5000u : 10u + i;
    tiles.push_back({{at, size}, i % 2 ? Label::structure : Label::handed_on, "part \x1b[2J" + std::to_string(i)});
    at += size;
  }
  const auto text = layout("evil\nname", tiles, 10, {});
  EXPECT_NE(text.find("part \\x1b[2J25"), std::string::npos);
  EXPECT_NE(text.find("smaller runs"), std::string::npos);
  EXPECT_EQ(lines(text).size(), 3 + 10 + 2 + 1u);
  for (const auto& line : lines(text)) EXPECT_LE(columns(line), 80u);
}

}  // namespace
}  // namespace render
