#include "code/syntax/syntax.h"

#include <gtest/gtest.h>

#include <random>

#include "code/syntax/literal.h"

using namespace code::syntax;

namespace {

std::string outline(std::string_view text, Language language) {
  const auto tree = parse(text, language);
  return tree ? tree->outline() : tree.error().to_string();
}

}  // namespace

TEST(Literal, Decodes) {
  EXPECT_EQ(unescape("a\\x41\\u0042\\103\\n\\\\"), "aABC\n\\");
  EXPECT_EQ(from_base64("aGVsbG8="), "hello");
  EXPECT_EQ(from_base64("aGVsbG8"), "hello");
  EXPECT_EQ(from_base64("a b*"), std::nullopt);
  EXPECT_EQ(from_hex("6869"), "hi");
  EXPECT_EQ(from_hex("686"), std::nullopt);
  EXPECT_EQ(rot13("uryyb"), "hello");
  EXPECT_EQ(from_base32("NBSWY3DP"), "hello");
}

TEST(Shell, CommandsWordsAndPipes) {
  EXPECT_EQ(outline("curl \"http://a/$X\" 'b' | sh\n", Language::shell),
            "sequence\n pipeline\n  command\n   text curl\n   join\n    text http://a/\n    name X\n   text b\n  command\n   text sh\n");
}

TEST(Shell, HereDocumentsGoToTheirCommand) {
  EXPECT_EQ(outline("cat <<EOF | sh\nhi $X\nEOF\n", Language::shell),
            "sequence\n pipeline\n  redirect <<\n   command\n    text cat\n   join\n    text hi \n    name X\n    text \\n\n  command\n   text sh\n");
}

TEST(Shell, CommentsAreNotCode) {
  const auto tree = parse("# rm -rf /\necho a # b\n", Language::shell);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->comments.size(), 2u);
  EXPECT_EQ(tree->outline().find("rm"), std::string::npos);
}

TEST(Parse, TooLargeIsALimit) {
  const auto tree = parse(std::string(most_bytes + 1, 'a'), Language::shell);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().trouble, base::Trouble::limit);
}

TEST(Parse, DeepNestingEndsWithAMark) {
  for (const auto language : {Language::shell, Language::python, Language::javascript, Language::php, Language::ruby, Language::perl, Language::powershell}) {
    const auto open = language == Language::shell ? "$(" : "(";
    std::string text = language == Language::php ? "<?php x(" : "x ";
    for (int i = 0; i < 20'000; ++i) text += open;
    (void)parse(text, language);
  }
}

TEST(Parse, MutantsNeverCrash) {
  const std::string shell = "if [ $a = b ]; then X=\"$(cat ~/.x | base64)\"; cat <<E >f\n$X ${Y:-3}\nE\nfi\nf() { echo $'\\x41' <(ls) >&2; }\n";
  const std::string python = "import os as o\ndef f(a, *b):\n  x = [c for c in a if c]\n  return f'{x}' + 'a' % b\nf(1)(o.p['k'])\n";
  const std::string javascript = "const {a, b: c} = require('x'); let f = async (x) => { return `v${x}` + c[x]?.y(); }; class A { m() {} }\n";
  const std::string php = "<?php function f($a) { return base64_decode(\"x{$a}\") . $a['k']; } $b = new C; $b->d(f(1)); ?>\n";
  const std::string ruby = "require 'x'\ndef f(a)\n  `ls #{a}`\n  B::C.new(a) { |x| x.y }\nend\n";
  const std::string perl = "use strict; my ($a, $b) = @_; sub f { my $x = shift; return `ls $x` . qq{a$b}; } f($a)->m(1);\n";
  const std::string powershell = "function f($a) { $x = \"v$a\"; iex (New-Object Net.WebClient).DownloadString('h') | Out-Null }\nf 1\n";
  const std::pair<Language, const std::string*> all[] = {{Language::shell, &shell}, {Language::python, &python},         {Language::javascript, &javascript}, {Language::php, &php},
                                                         {Language::ruby, &ruby},   {Language::perl, &perl}, {Language::powershell, &powershell}};
  std::mt19937 random(7);
  for (const auto& [language, text] : all)
    for (int round = 0; round < 400; ++round) {
      std::string mutant = *text;
      for (unsigned i = 0; i < 1 + random() % 4; ++i) {
        const auto at = random() % mutant.size();
        switch (random() % 3) {
          case 0: mutant[at] = static_cast<char>(random()); break;
          case 1: mutant.erase(at, 1 + random() % 5); break;
          default: mutant.insert(at, mutant.substr(random() % mutant.size(), random() % 12)); break;
        }
        if (mutant.empty()) mutant = " ";
      }
      const auto tree = parse(mutant, language);
      ASSERT_TRUE(tree);
      for (const auto& node : tree->nodes) ASSERT_LE(node.range.end(), mutant.size());
    }
}
