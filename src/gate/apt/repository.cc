#include "gate/apt/repository.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "gate/apt/codecs.h"
#include "gate/apt/deb822.h"
#include "gate/apt/pool.h"
#include "gate/apt/run.h"

namespace gate {
namespace {

namespace fs = std::filesystem;
using base::Trouble;
constexpr std::string_view marker = ".assay-repository";   // tells our folders from anyone else's

class Filter {
 public:
  Filter(const RepositoryOptions& options, Front& front) : options_(options), front_(front), in_(options.in), out_(options.out), fresh_(out_ / ".assay-coming") {}

  base::Result<RepositorySummary> run() {
    CHECK_OK(prepare());
    const auto suites = TRY(find_suites());
    for (const auto& suite : suites) CHECK_OK(one_suite(suite));
    CHECK_OK(write_dropped());
    CHECK_OK(put_in_place());
    return summary_;
  }

 private:
  base::Result<> prepare() {
    std::error_code wrong;
    if (!fs::is_directory(in_ / "dists", wrong)) return base::fail(Trouble::usage, "{} is no Debian repository: it has no folder dists", base::printable(options_.in));
    if (options_.gpg_key.empty() == options_.sign_with.empty()) return base::fail(Trouble::usage, "say who signs the new repository: --gpg-key ID or --sign-with PROGRAM");
    fs::create_directories(out_, wrong);
    if (!fs::is_directory(out_, wrong)) return base::fail(Trouble::usage, "{} is no folder that can be made", base::printable(options_.out));
    if (fs::equivalent(in_, out_, wrong)) return base::fail(Trouble::usage, "the new repository can't stand in the old one's place");
    if (!fs::exists(out_ / marker, wrong) && !fs::is_empty(out_, wrong))
      return base::fail(Trouble::usage, "{} holds files that this program didn't write: give an empty folder", base::printable(options_.out));
    CHECK_OK(write_whole(out_ / marker, "Written by assay-gate apt-repo; files that no index names are removed from here.\n"));
    fs::remove_all(fresh_, wrong);
    return {};
  }

  // Folders below dists with a Release file, sorted; links (stable -> bookworm) are not followed.
  base::Result<std::vector<std::string>> find_suites() {
    std::vector<std::string> out;
    std::error_code wrong;
    for (fs::recursive_directory_iterator at(in_ / "dists", wrong), end; !wrong && at != end; at.increment(wrong)) {
      if (at.depth() > 4) at.disable_recursion_pending();
      if (!at->is_directory(wrong) || at->is_symlink(wrong)) continue;
      // A component's own Release (main/binary-amd64/Release) has no list of files.
      if (fs::exists(at->path() / "InRelease", wrong) || fs::exists(at->path() / "Release.gpg", wrong) || (fs::exists(at->path() / "Release", wrong) && at.depth() == 0)) {
        out.push_back(fs::relative(at->path(), in_, wrong).string());
        at.disable_recursion_pending();
      }
    }
    if (out.empty()) return base::fail(Trouble::usage, "{} has no Release file below dists", base::printable(options_.in));
    std::sort(out.begin(), out.end());
    return out;
  }

  base::Result<std::string> release_of(const std::string& suite) {
    const auto folder = in_ / suite;
    if (options_.keyring.empty()) {
      const auto plain = read_whole(folder / "Release", 64u << 20);
      if (plain) return plain;
      return without_signature(TRY(read_whole(folder / "InRelease", 64u << 20)));
    }
    const auto checked = fresh_ / "checked";
    std::error_code wrong;
    fs::create_directories(fresh_, wrong);
    if (fs::exists(folder / "InRelease", wrong)) {
      const auto ran = run_program({"gpgv", "--quiet", "--keyring", options_.keyring, "--output", checked.string(), (folder / "InRelease").string()});
      if (!ran) return base::fail(Trouble::usage, "{} is not signed by a key in {}: {}", base::printable(suite), base::printable(options_.keyring), ran.error().what);
      auto text = read_whole(checked, 64u << 20);
      fs::remove(checked, wrong);
      return text;
    }
    // The bytes that gpgv checks are the ones that are read afterwards.
    CHECK_OK(write_whole(checked, TRY(read_whole(folder / "Release", 64u << 20))));
    const auto ran = run_program({"gpgv", "--quiet", "--keyring", options_.keyring, (folder / "Release.gpg").string(), checked.string()});
    if (!ran) return base::fail(Trouble::usage, "{} is not signed by a key in {}: {}", base::printable(suite), base::printable(options_.keyring), ran.error().what);
    auto text = read_whole(checked, 64u << 20);
    fs::remove(checked, wrong);
    return text;
  }

  base::Result<> one_suite(const std::string& suite) {
    const auto release = TRY(release_of(suite));
    const auto stanzas = TRY(read_deb822(release));
    if (stanzas.size() != 1 || stanzas[0].ambiguous()) return base::fail(Trouble::malformed, "{}/Release is not one stanza", base::printable(suite));
    std::map<std::string, ListedFile> listed;
    for (const auto& file : TRY(read_file_list(stanzas[0].text("SHA256"))))
      if (is_plain_path(file.path)) listed.emplace(file.path, file);
    std::map<std::string, WrittenFile> written;
    std::set<std::string> done;
    for (const auto& [path, file] : listed) {
      if (path.find("/i18n/Translation-") != path.npos) {
        CHECK_OK(carry(suite, path, file, written));
        continue;
      }
      auto stem = path;
      for (const std::string_view end : {".gz", ".xz"})
        if (stem.ends_with(end)) stem.resize(stem.size() - end.size());
      if ((stem == "Packages" || stem.ends_with("/Packages")) && done.insert(stem).second) CHECK_OK(one_index(suite, stem, listed, written));
    }
    const auto text = rewritten_release(stanzas[0].raw, written);
    CHECK_OK(write_whole(fresh_ / suite / "Release", text));
    CHECK_OK(sign(fresh_ / suite));
    ++summary_.suites;
    return {};
  }

  /// The bytes of a listed file; nothing when the mirror doesn't have it. Error: they are not the listed ones.
  base::Result<std::optional<std::string>> listed_bytes(const std::string& suite, const std::string& path, const ListedFile& file) {
    std::error_code wrong;
    if (!fs::exists(in_ / suite / path, wrong)) return std::nullopt;
    auto text = TRY(read_whole(in_ / suite / path));
    if (text.size() != file.size || base::sha256(text).hex() != file.digest)
      return base::fail(Trouble::malformed, "{}/{} is not the file that Release lists; update the mirror", base::printable(suite), base::printable(path));
    return text;
  }

  base::Result<> put(const std::string& suite, const std::string& path, std::string_view text, std::map<std::string, WrittenFile>& written) {
    CHECK_OK(write_whole(fresh_ / suite / path, text));
    written[path] = {base::sha256(text).hex(), text.size()};
    return {};
  }

  base::Result<> carry(const std::string& suite, const std::string& path, const ListedFile& file, std::map<std::string, WrittenFile>& written) {
    const auto text = TRY(listed_bytes(suite, path, file));
    return text ? put(suite, path, *text, written) : base::Result<>{};
  }

  base::Result<> one_index(const std::string& suite, const std::string& stem, const std::map<std::string, ListedFile>& listed, std::map<std::string, WrittenFile>& written) {
    std::optional<std::string> packed;
    std::string name;
    for (const std::string_view end : {"", ".xz", ".gz"}) {
      const auto at = listed.find(stem + std::string(end));
      if (packed || at == listed.end()) continue;
      name = at->first;
      packed = TRY(listed_bytes(suite, name, at->second));
    }
    if (!packed) return {};   // an architecture that this mirror leaves out
    const auto text = TRY(unpacked_index(name, *packed, most_index));
    std::string kept;
    for (const auto& stanza : TRY(read_deb822(text))) {
      if (!TRY(may_stay(stanza))) continue;
      kept.append(stanza.raw);
      kept.append(kept.ends_with('\n') ? "\n" : "\n\n");
      ++summary_.kept;
    }
    ++summary_.indexes;
    CHECK_OK(put(suite, stem, kept, written));
    CHECK_OK(put(suite, stem + ".gz", TRY(gzip(kept)), written));
    return put(suite, stem + ".xz", TRY(xz(kept)), written);
  }

  base::Result<bool> may_stay(const Stanza& stanza) {
    const std::string digest(stanza.text("SHA256")), file(stanza.text("Filename"));
    const auto product = base::Digest::from_hex(digest);
    if (stanza.ambiguous() || !product || product->hex() != digest || !is_plain_path(file) || file.starts_with("dists/") || file.starts_with('.'))
      return drop(stanza, "bad-index", "its entry in the index names no digest and file that can be relied on");
    const auto before = seen_.find(digest + " " + file);
    if (before != seen_.end()) {   // the same package in another index (Architecture: all)
      if (before->second.first.empty()) return true;
      return drop(stanza, before->second.first, before->second.second);
    }
    auto& verdict = seen_[digest + " " + file];
    const auto decision = front_.ask(*product, "apt");
    if (decision.answer != Answer::allow) {
      verdict = {std::string(name_of(decision.why)), decision.sentence};
      return drop(stanza, verdict.first, verdict.second);
    }
    std::error_code wrong;
    if (!fs::exists(in_ / file, wrong)) {
      verdict = {"missing", "its file is not in the repository"};
      return drop(stanza, verdict.first, verdict.second);
    }
    if (!TRY(bring(in_ / file, out_ / file, digest, options_.link))) {
      verdict = {std::string(name_of(Why::changed_bytes)), "its file is not the one that the index names"};
      return drop(stanza, verdict.first, verdict.second);
    }
    files_.insert(file);
    return true;
  }

  bool drop(const Stanza& stanza, const std::string& why, const std::string& sentence) {
    const auto text = [&](std::string_view name) { return base::printable(stanza.text(name).substr(0, 200)); };
    dropped_.push_back({text("Package"), text("Version"), text("Architecture"), text("SHA256"), why, base::printable(sentence)});
    ++summary_.dropped;
    return false;
  }

  base::Result<> sign(const fs::path& folder) {
    const auto release = (folder / "Release").string(), clear = (folder / "InRelease").string(), apart = (folder / "Release.gpg").string();
    if (!options_.sign_with.empty()) {
      CHECK_OK(run_program({options_.sign_with, "clear", release, clear}));
      CHECK_OK(run_program({options_.sign_with, "detached", release, apart}));
    } else {
      const std::vector<std::string> gpg = {"gpg", "--batch", "--yes", "--no-tty", "--quiet", "--digest-algo", "SHA512", "--local-user", options_.gpg_key, "--armor", "--output"};
      auto words = gpg;
      words.insert(words.end(), {clear, "--clear-sign", release});
      CHECK_OK(run_program(words));
      words = gpg;
      words.insert(words.end(), {apart, "--detach-sign", release});
      CHECK_OK(run_program(words));
    }
    std::error_code wrong;
    if (!fs::exists(clear, wrong) || !fs::exists(apart, wrong)) return base::fail(Trouble::usage, "the signing program wrote no signature");
    return {};
  }

  base::Result<> write_dropped() {
    auto list = nlohmann::ordered_json::array();
    std::string text;
    for (const auto& d : dropped_) {
      list.push_back({{"package", d.package}, {"version", d.version}, {"architecture", d.architecture}, {"sha256", d.digest}, {"why", d.why}, {"sentence", d.sentence}});
      text += fmt::format("{} {} ({}): {}\n", d.package, d.version, d.architecture, d.sentence);
    }
    CHECK_OK(write_whole(out_ / "assay-denied.json", list.dump(1) + "\n"));
    return write_whole(out_ / "assay-denied.txt", text);
  }

  // The indexes change places at once; then what no index names any more goes.
  base::Result<> put_in_place() {
    const auto now = out_ / "dists", coming = fresh_ / "dists";
    std::error_code wrong;
    if (fs::exists(now, wrong)) {
      if (renameat2(AT_FDCWD, coming.c_str(), AT_FDCWD, now.c_str(), RENAME_EXCHANGE) != 0) {
        fs::rename(now, fresh_ / "dists.old", wrong);
        if (!wrong) fs::rename(coming, now, wrong);
      }
    } else {
      fs::rename(coming, now, wrong);
    }
    if (wrong) return base::fail(Trouble::io, "the new indexes can't be put in place: {}", wrong.message());
    fs::remove_all(fresh_, wrong);
    std::vector<fs::path> gone;
    for (fs::recursive_directory_iterator at(out_, wrong), end; !wrong && at != end; at.increment(wrong)) {
      const auto path = fs::relative(at->path(), out_, wrong).string();
      if (path == "dists") at.disable_recursion_pending();
      else if (!at->is_directory(wrong) && !files_.contains(path) && path != marker && !path.starts_with("assay-denied.")) gone.push_back(at->path());
    }
    for (const auto& path : gone) fs::remove(path, wrong);
    return {};
  }

  const RepositoryOptions& options_;
  Front& front_;
  const fs::path in_, out_, fresh_;
  RepositorySummary summary_;
  std::map<std::string, std::pair<std::string, std::string>> seen_;   ///< digest and file -> why and sentence; "" = stays
  std::set<std::string> files_;
  std::vector<DroppedPackage> dropped_;
};

}  // namespace

base::Result<RepositorySummary> filter_repository(const RepositoryOptions& options, Front& front) {
  return Filter(options, front).run();
}

}  // namespace gate
