#include "app/office.h"

#include <sys/resource.h>

#include <sched.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "app/limits.h"
#include "examine/user_rules/yara_examiner.h"
#include "match/user_rules.h"
#include "vet/worker.h"

namespace app {

extern const char engine_digest_hex[], evidence_digest_hex[], engine_version[], source_folder[];  // written by the build

std::string home_folder() {
  const char* home = std::getenv("ASSAY_HOME");
  return home && *home ? home : source_folder;
}

Engine engine() {
  return {base::Digest::from_hex(engine_digest_hex).value_or(base::Digest{}), base::Digest::from_hex(evidence_digest_hex).value_or(base::Digest{}), engine_version};
}

namespace {

unsigned cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

std::string policy_file(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) return name;
  return home_folder() + "/policies/" + name + ".yaml";
}

// What kinds of rules stand in the paths that a user named.
struct Brought {
  bool yara = false, capa = false;
};

base::Result<Brought> look_at(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  Brought out;
  const auto note = [&](const fs::path& file) {
    const auto ending = file.extension().string();
    out.yara = out.yara || ending == ".yar" || ending == ".yara" || ending == ".rule";
    out.capa = out.capa || ending == ".yml" || ending == ".yaml";
  };
  for (const auto& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) return base::fail(base::Trouble::usage, "--rules: there is no {}", base::printable(path));
    if (!fs::is_directory(path, error)) {
      note(path);
      continue;
    }
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) note(at->path());
    if (error) return base::fail(base::Trouble::usage, "--rules: {} can't be read: {}", base::printable(path), error.message());
  }
  if (!paths.empty() && !out.yara && !out.capa)
    return base::fail(base::Trouble::usage, "--rules: {} holds no rule file (.yar .yara .rule for YARA, .yml .yaml for capa)", base::printable(paths[0]));
  return out;
}

// Rules that a user brings: YARA's become an examiner, capa's join the shipped rules.
base::Result<> bring_rules(const std::vector<std::string>& paths, Office& office) {
  const auto brought = TRY(look_at(paths));
  std::vector<std::string> folders = {home_folder() + "/rules"};
  if (brought.capa) folders.insert(folders.end(), paths.begin(), paths.end());
  office.rules = TRY(judge::load_rules(folders));
  if (!brought.yara) return {};
  auto loaded = TRY(match::load_user_rules(paths));
  // A rule that is left out would be an examination that nobody misses.
  if (!loaded.problems.empty())
    return base::fail(base::Trouble::usage, "--rules: {}{}; mend or remove it", loaded.problems[0].to_string(),
                      loaded.problems.size() > 1 ? fmt::format(" (and {} further files)", loaded.problems.size() - 1) : "");
  office.user_rules = loaded.rules->digest();
  office.user_rules_examiner = examine::yara_examiner(loaded.rules);
  return {};
}

// A product of many files keeps a descriptor for each frozen one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // refused: large products then end with a sentence that says so
}

}  // namespace

base::Result<store::Store> open_store(const std::string& folder) {
  return store::Store::open(folder.empty() ? store::Store::default_folder() : folder);
}

base::Result<std::unique_ptr<confine::Zygote>> start_workers(const vet::Readers& readers, bool allow_weaker, std::vector<std::string>& weaker) {
  confine::Walls walls;
  walls.allow_weaker = allow_weaker;
  weaker = confine::missing_layers();
  if (!weaker.empty() && !allow_weaker)
    return base::fail(base::Trouble::usage, "this kernel lacks {}, which confines the workers; --allow-weaker-confinement goes on without it and says so in the verdict", weaker[0]);
  vet::warm(readers);
  return confine::Zygote::start([&readers](base::Bytes job, base::Bytes input, int pipe) { return vet::work(readers, job, input, pipe); }, walls);
}

base::Result<std::unique_ptr<Office>> open_bench(const OfficeOptions& options) {
  auto out = std::make_unique<Office>();
  out->engine = engine();
  CHECK_OK(bring_rules(options.rules, *out));
  out->policy = TRY(judge::load_policy(policy_file(options.policy)));
  out->readers.limits = TRY(limits_from(options.limits));
  return out;
}

base::Result<std::unique_ptr<Office>> open_office(const OfficeOptions& options) {
  raise_descriptor_limit();
  auto out = TRY(open_bench(options));
  out->threads = options.threads ? std::min(options.threads, 256u) : cores();
  out->use_cache = !options.no_cache;
  std::vector<const evidence::Reader*> further;
  if (out->user_rules_examiner) further.push_back(out->user_rules_examiner.get());
  out->readers = vet::all_readers(out->readers.limits, further);

  out->zygote = TRY(start_workers(out->readers, options.allow_weaker, out->weaker));
  // A second wall behind seccomp, and commonly denied inside containers: named, not refused.
  if (const auto& why = out->zygote->without_namespaces(); !why.empty()) out->weaker.push_back("namespaces (" + why + "; sockets stay denied by seccomp)");
  out->store = std::make_unique<store::Store>(TRY(open_store(options.store)));
  return out;
}

base::Result<std::string> vetting_date(const std::string& given) {
  if (given.empty()) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  }
  std::tm parts{};
  const char* end = strptime(given.c_str(), "%Y-%m-%d", &parts);
  const std::tm read = parts;
  const bool there = end && timegm(&parts) != -1 && parts.tm_mday == read.tm_mday && parts.tm_mon == read.tm_mon;  // no 30 February
  if (!there || *end || given.size() != 10) return base::fail(base::Trouble::usage, "--at takes a date such as 2026-01-31, not '{}'", base::printable(given));
  return given;
}

}  // namespace app
