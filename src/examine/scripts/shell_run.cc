// Shell commands that run code, that read something private, and that only pass data on.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "code/syntax/literal.h"
#include "examine/scripts/evaluator.h"

namespace examine::script {

using code::syntax::Language;
using evidence::Facet;

namespace {

Language language_of_program(std::string_view name) {
  if (name.starts_with("python")) return Language::python;
  if (name == "perl") return Language::perl;
  if (name == "ruby") return Language::ruby;
  if (name.starts_with("node")) return Language::javascript;
  if (name == "php") return Language::php;
  if (name == "pwsh") return Language::powershell;
  return Language::shell;
}

struct Source {
  std::string_view name;
  std::string_view argument;  ///< must occur in the command line; "" for any; "-" for no word at all
  std::string_view word;
  Confidence confidence;
};
constexpr std::array<Source, 44> sources = {{
    {"env", "-", "environment", Confidence::high},
    {"printenv", "-", "environment", Confidence::high},
    {"set", "-", "environment", Confidence::medium},
    {"export", " -p", "environment", Confidence::high},
    {"declare", " -x", "environment", Confidence::medium},
    {"xclip", " -o", "clipboard", Confidence::high},
    {"xsel", " -o", "clipboard", Confidence::high},
    {"xsel", " -b", "clipboard", Confidence::medium},
    {"xsel", "-", "clipboard", Confidence::medium},
    {"wl-paste", "", "clipboard", Confidence::high},
    {"pbpaste", "", "clipboard", Confidence::high},
    {"xinput", " test", "keystrokes", Confidence::high},
    {"showkey", "", "keystrokes", Confidence::medium},
    {"logkeys", "", "keystrokes", Confidence::high},
    {"evtest", "", "keystrokes", Confidence::medium},
    {"scrot", "", "screen", Confidence::high},
    {"grim", "", "screen", Confidence::high},
    {"maim", "", "screen", Confidence::high},
    {"screencapture", "", "screen", Confidence::high},
    {"gnome-screenshot", "", "screen", Confidence::high},
    {"spectacle", " -b", "screen", Confidence::high},
    {"import", " -window root", "screen", Confidence::high},
    {"xwd", " -root", "screen", Confidence::high},
    {"ffmpeg", "x11grab", "screen", Confidence::high},
    {"ffmpeg", " alsa", "microphone", Confidence::high},
    {"ffmpeg", " pulse", "microphone", Confidence::high},
    {"ffmpeg", "/dev/video", "camera", Confidence::high},
    {"arecord", "", "microphone", Confidence::high},
    {"parecord", "", "microphone", Confidence::high},
    {"parec", "", "microphone", Confidence::high},
    {"rec", "", "microphone", Confidence::medium},
    {"fswebcam", "", "camera", Confidence::high},
    {"imagesnap", "", "camera", Confidence::high},
    {"tcpdump", "", "traffic", Confidence::medium},
    {"security", "find-generic-password", "credentials", Confidence::high},
    {"security", "dump-keychain", "credentials", Confidence::high},
    {"secret-tool", " lookup", "credentials", Confidence::medium},
    {"secret-tool", " search", "credentials", Confidence::high},
    {"gpg", "--export-secret", "keys", Confidence::high},
    {"gpg2", "--export-secret", "keys", Confidence::high},
    {"hostname", "", "device-id", Confidence::low},
    {"whoami", "", "device-id", Confidence::low},
    {"id", "", "device-id", Confidence::low},
    {"uname", "", "device-id", Confidence::low},
}};

constexpr std::array<std::string_view, 52> readers = {"cat",  "tar",    "zip",     "gzip",  "bzip2", "xz",      "zstd",  "base64", "base32", "head", "tail",  "grep", "egrep",
                                                      "sed",  "awk",    "gawk",    "xxd",   "od",    "openssl", "sort",  "cut",    "tr",     "tee",  "jq",    "rev",  "uniq",
                                                      "paste", "dd",    "strings", "sqlite3", "7z",  "gpg",     "age",   "less",   "more",   "nl",   "fold",  "split", "hexdump",
                                                      "find", "fgrep",  "zcat",    "gunzip", "bzcat", "xzcat",  "unxz",  "bunzip2", "uuencode", "uudecode", "envsubst", "column", "perl"};

bool plain_word(const Value& v) { return !v.text.empty() && !v.text.starts_with('-'); }

/// What a decoding command makes of a constant; nothing when it isn't decoded here.
std::optional<std::string> decoded(const ShellCommand& c, const std::string& text) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view option) { return line.find(option) != std::string::npos; };
  if (c.name == "base64" && (has(" -d") || has(" -D ") || has("--decode") || has(" -di"))) return code::syntax::from_base64(text);
  if (c.name == "base32" && (has(" -d") || has("--decode"))) return code::syntax::from_base32(text);
  if (c.name == "openssl" && has("base64") && has(" -d")) return code::syntax::from_base64(text);
  if (c.name == "openssl" && has(" enc ") && has(" -d") && has(" -base64")) return code::syntax::from_base64(text);
  if (c.name == "xxd" && has("-r") && has("p")) return code::syntax::from_hex(text);
  if (c.name == "rev") return std::string(text.rbegin(), text.rend());
  if (c.name == "tr" && (has("n-za-m") || has("N-ZA-M"))) return code::syntax::rot13(text);
  return std::nullopt;
}

bool decodes(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view option) { return line.find(option) != std::string::npos; };
  return (c.is({"base64", "base32"}) && (has(" -d") || has(" -D ") || has("--decode"))) || (c.name == "openssl" && has(" -d ")) || (c.name == "xxd" && has(" -r")) ||
         c.name == "uudecode";
}

/// Unpacks one stream; what comes out is no plain text of the product.
bool decompresses(const ShellCommand& c) {
  if (c.is({"gunzip", "zcat", "xzcat", "bzcat", "unxz", "bunzip2", "zstdcat", "unzstd", "lzcat"})) return true;
  return c.is({"xz", "gzip", "bzip2", "zstd", "lzma", "brotli"}) &&
         std::ranges::any_of(c.words, [](const Value& w) { return w.text == "--decompress" || (w.text.size() > 1 && w.text.size() < 6 && w.text[0] == '-' && w.text[1] != '-' && w.text.find('d') != std::string::npos); });
}

/// Something freshly made or typed that opens what belongs to the user.
bool makes_secret(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
  return (c.is({"head", "dd", "cat", "tr"}) && (has("/dev/urandom") || has("/dev/random"))) || (c.name == "openssl" && (has(" rand ") || has(" genrsa") || has(" genpkey"))) ||
         c.is({"pwgen", "apg", "mkpasswd", "age-keygen", "diceware"}) || (c.name == "wg" && (has(" genkey ") || has(" genpsk "))) || c.is({"systemd-ask-password", "ssh-askpass"});
}

/// The one who alone can read what comes out, where the script itself says who; "" else.
std::string fixed_recipient(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const Value* to = nullptr;
  if (c.is({"gpg", "gpg2", "age", "rage"})) to = c.after({"-r", "--recipient", "-R", "--hidden-recipient", "-f", "--recipient-file", "--recipients-file"});
  else if (c.name == "openssl" && (line.find(" pkeyutl ") != std::string::npos || line.find(" rsautl ") != std::string::npos)) to = c.after({"-inkey", "-certin"});
  else if (c.name == "openssl" && (line.find(" smime ") != std::string::npos || line.find(" cms ") != std::string::npos) && !c.words.empty()) to = &c.words.back();
  if (!to || !to->exact || to->text.starts_with('-')) return {};
  return to->text;
}

}  // namespace

Value Evaluator::run_source(ShellCommand& c, bool& known) {
  const auto line = c.line();
  for (const auto& row : sources) {
    if (c.name != row.name) continue;
    if (row.argument == "-" ? !c.words.empty() : line.find(row.argument) == std::string::npos) continue;
    if (row.word == "device-id" && c.is({"hostname"}) && !c.words.empty() && plain_word(c.words[0])) continue;  // sets it
    Value out = Value::unknown(c.name);
    out.add({std::string(row.word), c.name, c.range.offset, row.confidence, "", false});
    if (row.word != "device-id") findings_.fact(Facet::private_, row.word, c.name, c.range, row.confidence, {{"callee", c.name}});
    for (const auto& w : c.words)  // recorders write to the file that they are given
      if (plain_word(w) && row.word != "environment" && row.word != "device-id") remember(fmt::format("{}:file:{}", none_node, w.text), out);
    known = true;
    return out;
  }
  const auto home = [](const Value& v) {
    return v.text == "~" || v.text == "~/" || v.text == "\x01HOME\x02" || v.text == "\x01HOME\x02/" || v.text == "/home" || v.text == "/home/";
  };
  const bool whole_tree = c.is({"find", "tree"}) || std::ranges::any_of(c.words, [](const Value& v) { return v.text.starts_with('-') && !v.text.starts_with("--") && v.text.find('R') != std::string::npos; });
  if (c.is({"ls", "find", "tree"}) && whole_tree && std::ranges::any_of(c.words, home)) {  // names of a person's files
    known = true;
    return Value::marked({"files", c.name, c.range.offset, Confidence::medium, "", false});
  }
  if (c.is({"date"})) {
    known = true;
    Value out = Value::unknown("date");
    const bool now = std::ranges::none_of(c.words, [](const Value& v) { return v.text == "-d" || v.text.starts_with("--date") || v.text == "-r"; });
    out.add({now ? "@time" : "@date", "date", c.range.offset, Confidence::high, "", false});
    return out;
  }
  if (c.is({"mktemp", "tempfile"})) {
    known = true;
    return Value::unknown(fmt::format("mktemp@{}", c.range.offset));
  }
  if (c.is({"echo", "printf"})) {
    known = true;
    Value out = Value::constant("");
    bool first = true;
    for (const auto& w : c.words) {
      if (first && c.name == "echo" && (w.text == "-e" || w.text == "-n" || w.text == "-ne" || w.text == "-en")) continue;
      Value part = w;
      if (part.text.find('\\') != std::string::npos) part.text = code::syntax::unescape(part.text);
      if (c.name == "printf" && first && c.words.size() > 1 && (w.text == "%s" || w.text == "%s\\n" || w.text == "%b")) {
        first = false;
        continue;
      }
      out = first || out.text.empty() ? (first = false, concat(out, part)) : concat(concat(out, Value::constant(" ")), part);
    }
    return out;
  }
  return {};
}

void Evaluator::run_file(const Value& path, const ShellCommand& c, std::string_view to) {
  if (path.text.empty() || path.text == "-") return;
  const Value content = file_content(path.text);
  findings_.flow(content, to, c.name.empty() ? known_text(path.text) : c.name, c.range, Confidence::high, "");
  auto known = known_text(path.text);
  if (known.size() < 2 || known.find_first_of(" \n\t|&;<>") != std::string::npos) return;
  if (known.find('/') == std::string::npos && known.find('.') == std::string::npos) return;
  if (known.starts_with('/') && path.text.front() == '\x01') known.erase(0, 1);  // $DIR/lib.sh
  findings_.fact(Facet::reference, to == "evaluate" ? "includes" : "runs", known, c.range, path.exact ? Confidence::high : Confidence::medium);
}

Value Evaluator::run_interpreter(ShellCommand& c) {
  if (c.is({"eval"})) {
    Value text = Value::constant("");
    for (const auto& w : c.words) text = concat(text.text.empty() ? text : concat(text, Value::constant(" ")), w);
    Value out = run_text(text, Language::shell, c.range, "eval", "evaluate");
    out.add_all(c.in, Confidence::medium);  // what it runs reads the same input
    return out;
  }
  if (c.is({"source", "."})) {
    if (c.words.empty()) return {};
    if (c.words[0].file == "<(") findings_.flow(c.words[0], "evaluate", c.name, c.range, Confidence::high, "");
    run_file(c.words[0], c, "evaluate");
    return {};
  }
  if (c.is({"at", "batch"})) {
    findings_.flow(c.in, "execute-command", c.name, c.range, Confidence::high, "");
    return {};
  }
  const auto language = language_of_program(c.name);
  const std::string_view to = language == Language::shell ? "execute-command" : "evaluate";
  for (std::size_t i = 0; i < c.words.size(); ++i) {
    const auto& word = c.words[i].text;
    const bool code_option = word == "-c" || (language != Language::shell && (word == "-e" || word == "-r" || word == "-E" || word == "-ne" || word == "-pe" || word == "-p" || word == "--eval")) ||
                             (language == Language::shell && word.size() > 2 && word[0] == '-' && word[1] != '-' && word.ends_with('c'));
    if (code_option && i + 1 < c.words.size()) {
      Value out = run_text(c.words[i + 1], language, c.range, c.name + " " + word, to);
      out.add_all(c.in, Confidence::medium);
      return out;
    }
    if (word.starts_with('-') && word != "-") {
      if (word == "-s" && language == Language::shell) break;
      continue;
    }
    if (word == "-" || word == "/dev/stdin") break;
    if (c.is({"su", "runuser"})) return {};
    if (c.words[i].file == "<(") findings_.flow(c.words[i], to, c.name, c.range, Confidence::high, "");
    run_file(c.words[i], c, to == "evaluate" ? "execute-command" : to);
    return {};
  }
  const bool interactive = c.has("-i") && language == Language::shell;
  if (interactive && c.in.mark("network")) {
    findings_.fact(Facet::command, "open-shell", c.name, c.range, Confidence::high);
    findings_.flow(c.in, "open-shell", c.name, c.range, Confidence::high, "");
  } else if (c.in.exact && !c.in.text.empty()) {
    return run_text(c.in, language, c.range, c.name, to);
  } else {
    findings_.flow(c.in, to, c.name, c.range, Confidence::high, "");
  }
  Value out = Value::unknown(c.name);
  return out;
}

Value Evaluator::run_filter(ShellCommand& c) {
  if (c.is({"read", "mapfile", "readarray"})) {
    Value given = c.in;
    const bool hidden = c.name == "read" && std::ranges::any_of(c.words, [](const Value& w) { return w.text.size() > 1 && w.text[0] == '-' && w.text.find('s') != std::string::npos; });
    if (hidden) given.add({"@secret", "read -s", c.range.offset, Confidence::high, "", false});
    for (const auto& w : c.words)
      if (plain_word(w)) assign(known_text(w.text), given, false);
    return {};
  }
  if (c.is({"cp", "mv", "install", "ln", "tee", "chmod", "crontab", "rm", "shred", "truncate", "touch"})) return run_files(c);
  verify(c);
  const bool reads = std::ranges::find(readers, c.name) != readers.end() || c.is({"cat"});
  Value out = Value::unknown(c.name);
  if (!reads) {
    if (c.name.ends_with("sum") || c.is({"wc", "test", "[", "grep", "true", "false", ":", "cmp", "diff", "ls", "stat", "file", "basename", "dirname"})) {
      if (c.name.ends_with("sum") && !c.words.empty()) out.add({"@hash", c.words.back().text, c.range.offset, Confidence::high, "", false});
      return out;
    }
    out.add_all(c.in, Confidence::medium);
    for (const auto& w : c.words) out.add_all(w, Confidence::low);
    return out;
  }
  if (c.is({"grep", "egrep", "fgrep"}) && (c.has("-q") || c.has("-qs") || c.has("-c") || c.has("-l"))) return out;
  out.add_all(c.in);
  if (c.is({"cat", "tee"}) && c.words.empty()) return c.in;
  bool first = true;
  for (const auto& w : c.words) {
    if (!plain_word(w)) continue;
    const bool pattern = first && c.is({"grep", "egrep", "fgrep", "sed", "awk", "gawk", "tr", "jq", "perl"});
    first = false;
    if (pattern) continue;
    if (w.file == "<(") out.add_all(w);
    else out.add_all(read_path(w, c.range));
  }
  if (const auto* target = c.after({"-cf", "-czf", "czf", "cf", "-zcf", "zcf", "-o", "-out", "cjf", "-cjf", "-czvf", "czvf"}); target && plain_word(*target))
    remember(fmt::format("{}:file:{}", none_node, target->text), out);
  if (c.is({"zip", "7z"}))
    for (const auto& w : c.words)
      if (plain_word(w) && w.text != "a") {
        remember(fmt::format("{}:file:{}", none_node, w.text), out);
        break;
      }
  if (const auto recipient = c.after({"-r", "--recipient", "-R"}); recipient && c.is({"gpg", "gpg2", "age"}) && out.mark("keys"))
    findings_.fact(Facet::trust, "key-escrow", known_text(recipient->text), c.range, Confidence::high, {{"callee", c.name}});
  if (makes_secret(c)) out.add({"@secret", c.name, c.range.offset, Confidence::high, "", false});
  if (const auto recipient = fixed_recipient(c); !recipient.empty() && out.mark("@secret")) out.add({"@escrowed", recipient, c.range.offset, Confidence::high, "", false});
  if (decompresses(c)) out.add({"decoded-string", c.name, c.range.offset, Confidence::medium, "", false});
  if (decodes(c) || c.name == "rev" || c.name == "tr" || c.is({"gunzip", "zcat", "xzcat", "bzcat"})) {
    const Value given = c.in.text.empty() && !c.words.empty() ? out : c.in;
    if (given.exact && !given.text.empty()) {
      const auto text = decoded(c, given.text);
      if (text && code::syntax::is_readable(*text)) {
        Value made = Value::constant(*text);
        made.add_all(out);
        made.add({"decoded-string", c.name, c.range.offset, Confidence::high, "", false});
        return made;
      }
      if (decodes(c)) out.add({"decoded-string", c.name, c.range.offset, Confidence::medium, "", false});
    } else if (decodes(c)) {
      out.add({"decoded-string", c.name, c.range.offset, given.marks.empty() ? Confidence::medium : Confidence::low, "", false});
    }
  }
  return out;
}

Value Evaluator::run_files(ShellCommand& c) {
  std::vector<const Value*> words;
  for (const auto& w : c.words)
    if (plain_word(w)) words.push_back(&w);
  if (c.is({"tee"})) {
    for (const auto* w : words) write_path(*w, c.in, c.range, "tee");
    return c.in;
  }
  if (c.is({"cp", "mv", "install", "ln"}) && words.size() >= 2 && !c.has("-d")) {
    const Value content = c.is({"ln"}) ? Value{} : read_path(*words[words.size() - 2], c.range);
    write_path(*words.back(), content, c.range, c.name);
  }
  if (c.is({"chmod"}) && words.size() >= 2) {
    const auto& mode = words[0]->text;
    const bool runs = mode.find('x') != std::string::npos || mode == "755" || mode == "0755" || mode == "777" || mode == "700" || mode == "0700";
    if (runs)
      for (std::size_t i = 1; i < words.size(); ++i) {
        const Value content = file_content(words[i]->text);
        if (!content.marks.empty()) findings_.flow(content, "write-executable", "chmod", c.range, Confidence::high, "");
      }
  }
  if (c.is({"crontab"}) && !c.has("-l") && !c.has("-r")) {
    findings_.fact(Facet::power, "persist", "crontab", c.range, Confidence::high, {{"callee", "crontab"}});
    findings_.flow(c.in, "execute-command", "crontab", c.range, Confidence::high, "");
    if (c.in.exact && c.in.text.size() > 8) {
      const auto line = c.in.text;
      run_text(Value::constant(line.substr(std::min(line.size(), line.find_first_not_of("0123456789*/,- @rebootdailyhourlyweekly")))), Language::shell, c.range, "crontab",
               "execute-command");
    }
  }
  return {};
}

void Evaluator::verify(const ShellCommand& c) {
  const auto line = c.line() + " ";
  const auto has = [&](std::string_view option) { return line.find(option) != std::string::npos; };
  const bool checks = (c.is({"gpg", "gpg2"}) && has("--verify")) || c.is({"gpgv", "sqv", "sopv"}) || (c.name.ends_with("sum") && (has(" -c") || has("--check"))) ||
                      (c.name == "shasum" && has(" -c")) || (c.name == "openssl" && has("-verify")) || (c.name == "minisign" && has("-V")) ||
                      (c.is({"cosign", "signify", "signify-openbsd"}) && has("erify")) || (c.is({"signify", "signify-openbsd"}) && has(" -V"));
  if (!checks) return;
  std::string text = c.in.text;
  for (const auto& w : c.words) text += " " + w.text + " " + file_content(w.text).text;
  authenticate(text);
}

}  // namespace examine::script
