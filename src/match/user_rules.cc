// Behind the interface: libyara. Each file is compiled alone first, because a compiler that met an
// error takes no further file; those that compile go into one set, each in a namespace of its own.
#include "match/user_rules.h"

#include <yara.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <set>

#include "match/rule_files.h"

namespace match {
namespace {

constexpr int most_seconds = 300;  // an outer guard; scanning is linear in practice
constexpr std::size_t most_hits = 64;
constexpr std::array externals = {"filename", "filepath", "extension", "filetype", "owner", "md5", "id"};

// libyara counts its users; it is started with the first rules and lives as long as the process.
bool start_library() {
  static const bool started = yr_initialize() == ERROR_SUCCESS;
  return started;
}

struct DestroyCompiler { void operator()(YR_COMPILER* c) const { yr_compiler_destroy(c); } };
struct DestroyRules { void operator()(YR_RULES* r) const { yr_rules_destroy(r); } };
struct DestroyScanner { void operator()(YR_SCANNER* s) const { yr_scanner_destroy(s); } };
using Compiler = std::unique_ptr<YR_COMPILER, DestroyCompiler>;

struct Compilation {
  std::string first_error;  ///< "file:line: message"
  base::Sha256* digest = nullptr;
};

void on_message(int level, const char* file, int line, const YR_RULE*, const char* message, void* user) {
  auto& to = *static_cast<Compilation*>(user);
  if (level != YARA_ERROR_LEVEL_ERROR || !to.first_error.empty()) return;
  to.first_error = fmt::format("{}:{}: {}", file ? file : "?", line, message ? message : "error");
}

// An include is looked for beside the file that names it.
const char* on_include(const char* name, const char* from, const char*, void* user) {
  auto& to = *static_cast<Compilation*>(user);
  const auto path = (std::filesystem::path(from ? from : "").parent_path() / name).string();
  const auto text = read_rule_text(path);
  if (!text) return nullptr;
  if (to.digest) to.digest->add(*text);
  return strdup(text->c_str());
}
void free_include(const char* text, void*) { std::free(const_cast<char*>(text)); }

base::Result<Compiler> new_compiler(Compilation& state) {
  YR_COMPILER* raw = nullptr;
  if (yr_compiler_create(&raw) != ERROR_SUCCESS) return base::fail(base::Trouble::io, "no memory to compile rules");
  Compiler out(raw);
  yr_compiler_set_callback(raw, on_message, &state);
  yr_compiler_set_include_callback(raw, on_include, free_include, &state);
  for (const auto* name : externals) yr_compiler_define_string_variable(raw, name, "");
  return out;
}

// Through a stream, because only then libyara knows the file's name for messages and includes.
bool add(YR_COMPILER& compiler, const RuleFile& file) {
  if (file.text.empty()) return true;
  FILE* stream = fmemopen(const_cast<char*>(file.text.data()), file.text.size(), "r");
  if (!stream) return false;
  const int errors = yr_compiler_add_file(&compiler, stream, file.name.c_str(), file.path.c_str());
  std::fclose(stream);
  return errors == 0;
}

std::string filetype_of(const std::string& kind) {
  if (kind == "pe") return "EXE";
  std::string out;
  for (const char c : kind.substr(kind.rfind('/') + 1)) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

struct Scan {
  std::vector<RuleMatch> matches;
  std::string trouble;
  std::uint64_t size = 0;
};

// libyara keeps its matches unaligned in its arena.
__attribute__((no_sanitize("alignment"))) RuleMatch read_match(YR_SCAN_CONTEXT* context, YR_RULE* rule, std::uint64_t size) {
  RuleMatch out;
  out.rule = rule->identifier;
  out.name_space = rule->ns && rule->ns->name ? rule->ns->name : "";
  const char* tag;
  yr_rule_tags_foreach(rule, tag) out.tags.emplace_back(tag);
  YR_META* meta;
  yr_rule_metas_foreach(rule, meta) {
    if (meta->type != META_TYPE_STRING || !meta->string) continue;
    const std::string_view name = meta->identifier;
    if (name == "author" && out.author.empty()) out.author = meta->string;
    else if ((name == "reference" || name == "ref" || name == "url") && out.reference.empty()) out.reference = meta->string;
    else if (name == "description" && out.description.empty()) out.description = meta->string;
  }
  YR_STRING* string;
  yr_rule_strings_foreach(rule, string) {
    if (STRING_IS_PRIVATE(string)) continue;
    YR_MATCH* match;
    yr_string_matches_foreach(context, string, match) {
      const auto offset = static_cast<std::uint64_t>(match->base + match->offset);
      const auto length = static_cast<std::uint64_t>(match->match_length);
      if (out.strings.size() >= most_hits) break;
      if (offset <= size && length <= size - offset) out.strings.push_back({string->identifier, {offset, length}});
    }
  }
  std::ranges::stable_sort(out.strings, {}, [](const StringHit& h) { return h.range.offset; });
  return out;
}

int on_scan(YR_SCAN_CONTEXT* context, int message, void* data, void* user) {
  auto& scan = *static_cast<Scan*>(user);
  try {
    if (message == CALLBACK_MSG_RULE_MATCHING) scan.matches.push_back(read_match(context, static_cast<YR_RULE*>(data), scan.size));
    if (message == CALLBACK_MSG_TOO_MANY_MATCHES) {
      scan.trouble = fmt::format("string {} matches more often than libyara counts", static_cast<YR_STRING*>(data)->identifier);
      return CALLBACK_CONTINUE;
    }
  } catch (...) {
    return CALLBACK_ERROR;
  }
  return CALLBACK_CONTINUE;
}

std::string reason_of(int code) {
  switch (code) {
    case ERROR_SCAN_TIMEOUT: return fmt::format("the rules took longer than {} seconds", most_seconds);
    case ERROR_TOO_MANY_MATCHES: return "a string matches more often than libyara counts";
    case ERROR_INSUFFICIENT_MEMORY: return "libyara ran out of memory";
    case ERROR_EXEC_STACK_OVERFLOW: return "a rule's condition is too deep";
    case ERROR_TOO_MANY_RE_FIBERS: return "a regular expression needs too many states";
    default: return fmt::format("libyara gave up with error {}", code);
  }
}

class LibyaraRules final : public UserRules {
 public:
  LibyaraRules(std::unique_ptr<YR_RULES, DestroyRules> rules, std::size_t size, base::Digest digest) : rules_(std::move(rules)), size_(size), digest_(digest) {}

  base::Result<std::vector<RuleMatch>> scan(base::Bytes bytes, const Target& target) const override {
    YR_SCANNER* raw = nullptr;
    if (yr_scanner_create(rules_.get(), &raw) != ERROR_SUCCESS) return base::fail(base::Trouble::limit, "no memory for a YARA scanner");
    const std::unique_ptr<YR_SCANNER, DestroyScanner> scanner(raw);
    const std::pair<const char*, std::string> values[] = {{"filename", target.filename}, {"filepath", target.filepath}, {"extension", target.extension}, {"filetype", filetype_of(target.filetype)}, {"owner", target.owner}};
    for (const auto& [name, value] : values) (void)yr_scanner_define_string_variable(raw, name, value.c_str());
    Scan state;
    state.size = bytes.size();
    yr_scanner_set_callback(raw, on_scan, &state);
    // The bytes stand in memory that does not go away: no signal handlers, which a confined worker may not set.
    yr_scanner_set_flags(raw, SCAN_FLAGS_NO_TRYCATCH | SCAN_FLAGS_REPORT_RULES_MATCHING);
    yr_scanner_set_timeout(raw, most_seconds);
    static constexpr std::uint8_t nothing = 0;
    const int code = yr_scanner_scan_mem(raw, bytes.empty() ? &nothing : bytes.data(), bytes.size());
    if (code != ERROR_SUCCESS) return base::fail(base::Trouble::limit, "the user's rules did not finish: {}", reason_of(code));
    if (!state.trouble.empty()) return base::fail(base::Trouble::limit, "the user's rules did not finish: {}", state.trouble);
    return std::move(state.matches);
  }
  std::size_t size() const override { return size_; }
  const base::Digest& digest() const override { return digest_; }

 private:
  std::unique_ptr<YR_RULES, DestroyRules> rules_;
  std::size_t size_;
  base::Digest digest_;
};

}  // namespace

base::Result<Loaded> load_user_rules(const std::vector<std::string>& paths) {
  if (!start_library()) return base::fail(base::Trouble::io, "libyara can't be started");
  const auto files = TRY(find_rule_files(paths));
  base::Sha256 digest;
  Compilation state;
  state.digest = &digest;
  const auto whole = TRY(new_compiler(state));
  Loaded out;
  std::set<std::string> names;
  for (const auto& file : files) {
    Compilation alone;
    const auto trial = TRY(new_compiler(alone));
    if (!add(*trial, file)) {
      out.problems.push_back({base::Trouble::usage, alone.first_error.empty() ? "the rule file does not compile" : alone.first_error, file.path});
      continue;
    }
    auto named = file;
    for (int n = 2; !names.insert(named.name).second; ++n) named.name = fmt::format("{}#{}", file.name, n);
    digest.add(named.name).add(named.text);
    if (!add(*whole, named)) return base::fail(base::Trouble::usage, "the rules do not compile together: {}", state.first_error);
  }
  if (out.problems.size() == files.size()) return std::unexpected(out.problems[0]);
  YR_RULES* raw = nullptr;
  if (yr_compiler_get_rules(whole.get(), &raw) != ERROR_SUCCESS) return base::fail(base::Trouble::io, "no memory for the compiled rules");
  std::unique_ptr<YR_RULES, DestroyRules> rules(raw);
  std::size_t count = 0;
  YR_RULE* rule;
  yr_rules_foreach(raw, rule) ++count;
  out.rules = std::make_shared<LibyaraRules>(std::move(rules), count, digest.finish());
  return out;
}

}  // namespace match
