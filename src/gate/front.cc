#include "gate/front.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "gate/counters.h"
#include "gate/metrics_server.h"
#include "gate/opening.h"
#include "gate/record.h"
#include "gate/vetting.h"

namespace gate {
namespace {

Time system_clock() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::int64_t changed_at(const std::string& folder) {
  struct stat about{};
  return ::stat(folder.c_str(), &about) == 0 ? about.st_mtim.tv_sec * 1'000'000'000LL + about.st_mtim.tv_nsec : 0;
}

}  // namespace

struct Front::State {
  Policy policy;
  std::string folder;
  Options options;
  std::unique_ptr<Knowledge> knowledge;
  std::unique_ptr<Record> record;
  Counters counters;
  std::unique_ptr<Vetting> vetting;
  std::jthread refreshing;
  std::unique_ptr<MetricsServer> server;   // stops first

  /// Decided: recorded, counted, and turned into an allow where nothing is to be stopped yet.
  Decision finish(Decision decision, const base::Digest& product, std::string_view market, std::chrono::steady_clock::time_point began, Time now) {
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - began).count();
    counters.count(market, decision, took);
    record->add(decision, product, market, options.dry_run, now, !options.never_wait);
    if (options.dry_run && decision.answer != Answer::allow) {
      decision.sentence = "Dry run, would not be let in: " + decision.sentence;
      decision.answer = Answer::allow;
    }
    return decision;
  }
};

Front::Front(std::unique_ptr<State> state) : state_(std::move(state)) {}
Front::~Front() = default;

base::Result<std::unique_ptr<Front>> Front::open(const Policy& policy, const std::string& state, Options options) {
  auto made = std::make_unique<State>();
  made->policy = policy;
  made->folder = state;
  made->options = std::move(options);
  if (!made->options.clock) made->options.clock = system_clock;
  made->record = TRY(Record::open(made->options.log_file, policy.name));
  made->knowledge = TRY(Knowledge::open(made->policy, state, made->options.clock()));
  made->knowledge->refresh(made->options.clock());
  if (!policy.vet_command.empty()) made->vetting = std::make_unique<Vetting>(made->policy, state, *made->knowledge, made->options.clock);
  const auto metrics = made->options.metrics;
  std::unique_ptr<Front> front(new Front(std::move(made)));
  if (!metrics.empty()) front->state_->server = TRY(MetricsServer::open(metrics, [raw = front.get()] { return raw->metrics(); }));
  return front;
}

Decision Front::ask(const base::Digest& product, std::string_view market) {
  const auto began = std::chrono::steady_clock::now();
  const auto now = state_->options.clock();
  return state_->finish(state_->knowledge->decide(product, now), product, market, began, now);
}

Decision Front::ask_or_vet(const base::Digest& product, int file, std::string_view market, int seconds) {
  const auto began = std::chrono::steady_clock::now();
  const auto now = state_->options.clock();
  auto decision = state_->knowledge->decide(product, now);
  if (state_->vetting && (decision.why == Why::unknown || decision.why == Why::pending)) {
    const auto started = state_->vetting->start(product, file);
    if (!started && started.error().trouble == base::Trouble::malformed) {
      decision = refuse_changed(product);
    } else {
      if (started) state_->vetting->wait(product, seconds);
      decision = state_->knowledge->decide(product, state_->options.clock());
      if (!started && decision.why == Why::unknown) {
        decision.answer = Answer::deny;  // waiting would not help
        decision.sentence += fmt::format(" ({})", base::printable(started.error().what));
      }
    }
  }
  return state_->finish(std::move(decision), product, market, began, state_->options.clock());
}

std::vector<base::Digest> Front::products_holding(std::span<const base::Digest> files) const { return state_->knowledge->products_holding(files); }
Decision Front::preview(const base::Digest& product) const { return state_->knowledge->decide(product, state_->options.clock()); }

bool Front::dry_run() const { return state_->options.dry_run; }

Decision Front::note(Decision decision, const base::Digest& product, std::string_view market) {
  return state_->finish(std::move(decision), product, market, std::chrono::steady_clock::now(), state_->options.clock());
}

std::string Front::metrics() const {
  auto out = state_->counters.print() + print_counts(state_->knowledge->counts(), state_->options.clock());
  const auto counter = [&](std::string_view name, std::string_view what, std::uint64_t value) { out += fmt::format("# HELP assay_gate_{0} {1}\n# TYPE assay_gate_{0} counter\nassay_gate_{0} {2}\n", name, what, value); };
  counter("records_lost_total", "Decisions that could not be recorded because the disk was too slow.", state_->record->lost());
  counter("record_errors_total", "Writes of the decision log that failed.", state_->record->failed());
  if (state_->vetting) {
    counter("vettings_total", "Products handed to the vetting.", state_->vetting->started());
    counter("vettings_in_vain_total", "Vettings that ended without a hallmark.", state_->vetting->in_vain());
  }
  return out;
}

const Policy& Front::policy() const { return state_->policy; }

void Front::refresh() { state_->knowledge->refresh(state_->options.clock()); }

void Front::start_refreshing() {
  auto* state = state_.get();
  state->refreshing = std::jthread([state](const std::stop_token& stop) {
    const auto openings = folder_of_openings(state->folder);
    auto seen = changed_at(openings);
    auto next = std::chrono::steady_clock::now() + std::chrono::seconds(state->policy.refresh_seconds);
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      if (const auto now = changed_at(openings); now != seen) {
        seen = now;
        state->knowledge->refresh_openings();
      }
      if (std::chrono::steady_clock::now() < next) continue;
      state->knowledge->refresh(state->options.clock());
      next = std::chrono::steady_clock::now() + std::chrono::seconds(state->policy.refresh_seconds);
    }
  });
}

Decision refuse_changed(const base::Digest& product) {
  return {Answer::deny, Why::changed_bytes, fmt::format("The bytes of this product ({}) changed while they were handed on, so they are not those that were asked about: fetch it again", product.brief()), {}, {}};
}

base::Result<base::Digest> digest_of_file(int file, std::uint64_t most_bytes) {
  base::Sha256 sum;
  base::Buffer buffer(1 << 18);
  for (off_t at = 0;;) {
    const auto got = ::pread(file, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(base::Trouble::io, "the file can't be read: {}", std::strerror(errno));
    if (got == 0) return sum.finish();
    sum.add(base::slice(buffer, 0, static_cast<std::size_t>(got)));
    at += got;
    if (static_cast<std::uint64_t>(at) > most_bytes) return base::fail(base::Trouble::limit, "the file is larger than {} bytes", most_bytes);
  }
}

}  // namespace gate
