// Scripts: by the interpreter that the first line names; else by a language's own opening; else by
// the extension, and then only when the content is text. Also the old trick in which a shell line
// hands the file to Perl or Tcl at once.
#include "identify/look.h"
#include "identify/recogniser.h"

#include <fmt/format.h>

namespace identify {
namespace {

// The program that a "#!" line starts, without its directories: "env -S LANG=C python3 -u" gives "python3".
std::string interpreter(std::string_view line) {
  bool after_env = false;
  while (!(line = trim_front(line)).empty()) {
    auto word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    if (after_env && (word.starts_with("-") || word.find('=') != word.npos)) continue;
    const auto slash = word.rfind('/');
    if (slash != word.npos) word.remove_prefix(slash + 1);
    if (word == "env" || word == "busybox") {
      after_env = true;
      continue;
    }
    return lower(word);
  }
  return {};
}

std::string language(std::string_view program) {
  const auto begins = [&](std::initializer_list<std::string_view> list) {
    for (const auto w : list)
      if (program.starts_with(w) && program.substr(w.size()).find_first_not_of("0123456789.-w") == program.npos) return true;
    return false;
  };
  if (one_of(program, {"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash", "ksh93", "csh", "tcsh", "fish", "yash", "posh"})) return "shell";
  if (begins({"python", "pypy"})) return "python";
  if (begins({"node", "nodejs", "deno", "bun", "gjs", "cjs", "seed", "js", "qjs"})) return "javascript";
  if (begins({"php", "php-cgi"})) return "php";
  if (begins({"perl", "suidperl"})) return "perl";
  if (begins({"ruby", "jruby"})) return "ruby";
  if (one_of(program, {"pwsh", "powershell"})) return "powershell";
  if (begins({"awk", "gawk", "mawk", "nawk"})) return "awk";
  if (begins({"tclsh", "wish", "expect"})) return "tcl";
  if (begins({"lua", "luajit"})) return "lua";
  if (program == "make") return "make";
  if (begins({"rscript", "guile", "ocaml"})) return std::string(program.substr(0, program.find_first_of("0123456789.-")));
  return "other";
}

// "exec perl -x -S $0" or "exec tclsh" within the first lines of a shell script.
std::string handed_to(std::string_view text) {
  for (int line = 0; line < 12 && !text.empty(); ++line) {
    const auto end = text.find('\n');
    const auto part = text.substr(0, end);
    if (part.find("exec") != part.npos && part.find("$0") != part.npos) {
      if (part.find("perl") != part.npos) return "perl";
      if (part.find("tclsh") != part.npos || part.find("wish") != part.npos) return "tcl";
      if (part.find("'''") != part.npos && part.find("python") != part.npos) return "python";
    }
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return {};
}

std::string by_extension(std::string_view ext) {
  if (one_of(ext, {"sh", "bash", "zsh", "ksh", "csh"})) return "shell";
  if (one_of(ext, {"py", "pyw", "pyi"})) return "python";
  if (one_of(ext, {"js", "mjs", "cjs", "jsx"})) return "javascript";
  if (one_of(ext, {"php", "phtml", "php3", "php4", "php5", "inc"})) return ext == "inc" ? "" : "php";
  if (one_of(ext, {"pl", "pm", "plx"})) return "perl";
  if (one_of(ext, {"rb", "gemspec", "rake"})) return "ruby";
  if (one_of(ext, {"ps1", "psm1", "psd1"})) return "powershell";
  if (one_of(ext, {"bat", "cmd"})) return "batch";
  if (ext == "vbs") return "vbs";
  return {};
}

// Whether text that a name calls a script could be one: ".pl" is also Polish text and Prolog.
bool plausible(std::string_view text, std::string_view what) {
  if (what == "perl")
    return text.find('$') != text.npos || text.find("package ") != text.npos || text.find("use ") != text.npos || text.find("print") != text.npos ||
           text.find("require") != text.npos || text.find("=head1") != text.npos;
  if (what == "php") return text.find("<?") != text.npos;
  return true;
}

class Script final : public Recogniser {
 public:
  const RecogniserCard& card() const override {
    static const RecogniserCard card = {
        "script",
        {"script/shell", "script/python", "script/javascript", "script/php", "script/perl", "script/ruby", "script/powershell", "script/awk",
         "script/tcl", "script/lua", "script/make", "script/batch", "script/vbs", "script/rscript", "script/guile", "script/ocaml", "script/other"},
        {"sh", "bash", "zsh", "ksh", "csh", "py", "pyw", "js", "mjs", "cjs", "php", "phtml", "pl", "pm", "rb", "ps1", "psm1", "bat", "cmd", "vbs",
         "tcl", "lua", "awk"}};
    return card;
  }
  std::optional<Identity> recognise(const Sample& s) const override {
    const auto text = opening(s.bytes, 8192);
    if (text.starts_with("#!")) {
      const auto line = text.substr(2, std::min<std::size_t>(text.find('\n'), 512) - 2);
      if (line.find('\0') == line.npos) {
        const auto program = interpreter(line);
        auto what = language(program);
        // "#![...]" opens Rust sources: what is neither a path nor a known program is no interpreter.
        if (!program.empty() && is_text(base::bytes_of(line)) && (trim_front(line).starts_with('/') || what != "other")) {
          if (what == "shell")
            if (auto other = handed_to(text); !other.empty()) what = std::move(other);
          return Identity{"script/" + what, fmt::format("script for {}", program), what == "other" ? 16u : 28u};
        }
      }
    }
    if (!is_text(s.bytes)) return std::nullopt;
    const auto front = trim_front(text);
    if (front.starts_with("<?php") || front.starts_with("<?=")) return Identity{"script/php", "PHP", 15};
    const auto what = by_extension(extension(s.name));
    if (!what.empty() && plausible(base::text_of(base::slice(s.bytes, 0, 65536)), what)) return Identity{"script/" + what, what + ", by its name", 12};
    return std::nullopt;
  }
};

}  // namespace

const Recogniser& script() {
  static const Script one;
  return one;
}

}  // namespace identify
