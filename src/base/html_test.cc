#include "base/html.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// What could end an attribute or begin a tag or a reference never stays; all else does.
TEST(EscapedHtml, LeavesNothingThatIsMarkup) {
  EXPECT_EQ(escaped_html("<a href=\"x\" title='y'>&amp;</a>"), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(escaped_html(""), "");
  EXPECT_EQ(escaped_html("bl\xc3\xa5 = 1/2; \x01"), "bl\xc3\xa5 = 1/2; \x01");
}

}  // namespace
}  // namespace base
