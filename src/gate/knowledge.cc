#include "gate/knowledge.h"

#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "gate/follower.h"
#include "gate/index.h"
#include "gate/opening.h"
#include "gate/shelf.h"

namespace gate {
namespace {

/// What decide() reads; replaced as a whole, never changed.
struct Snapshot {
  std::shared_ptr<const Index> index = std::make_shared<const Index>();
  std::shared_ptr<const std::set<base::Digest>> pending = std::make_shared<const std::set<base::Digest>>();
  Surroundings around;
  std::size_t unreadable = 0;
};

constexpr std::size_t most_pending = 10'000;

}  // namespace

struct Knowledge::State {
  Policy policy;
  std::string folder;
  Shelf shelf;
  std::vector<Follower> followers;
  bool indexed = false;
  Time newest_clock = 0;             // of this gate itself, kept on disk
  std::mutex writing;                // of those who make snapshots; decide() never takes it
  std::mutex refreshing;
  std::atomic<std::shared_ptr<const Snapshot>> snapshot = std::make_shared<const Snapshot>();

  template <class Change>
  void change(Change&& apply) {
    const std::lock_guard lock(writing);
    auto next = std::make_shared<Snapshot>(*snapshot.load());
    apply(*next);
    snapshot.store(std::move(next));
  }

  void load_clock() {
    const auto text = read_file(folder + "/clock", 64);
    if (!text) return;
    if (const auto time = hallmark::parse_time(std::string_view(*text).substr(0, text->find('\n')))) newest_clock = *time;
  }
};

Knowledge::Knowledge(std::unique_ptr<State> state) : state_(std::move(state)) {}
Knowledge::~Knowledge() = default;

base::Result<std::unique_ptr<Knowledge>> Knowledge::open(const Policy& policy, const std::string& state, Time now) {
  if (::mkdir(state.c_str(), 0700) != 0 && errno != EEXIST) return base::fail(base::Trouble::usage, "{}: {}; give a folder that this gate can write with --state", base::printable(state), std::strerror(errno));
  std::unique_ptr<State> made(new State{policy, state, Shelf(policy.hallmarks)});
  made->load_clock();
  for (const auto& log : policy.logs)
    if (!log.address.empty()) made->followers.push_back(TRY(Follower::open(log, state, policy.trust, now)));
  // Until the first refresh nothing is known: closed.
  made->change([&](Snapshot& s) {
    s.around.newest_seen = made->newest_clock;
    s.around.store_trouble = policy.hallmarks.empty() && !made->followers.empty() ? "" : "they have not been read yet";
    for (const auto& follower : made->followers) s.around.logs.push_back(follower.facts());
  });
  return std::unique_ptr<Knowledge>(new Knowledge(std::move(made)));
}

Decision Knowledge::decide(const base::Digest& product, Time now) const {
  const auto snapshot = state_->snapshot.load();
  auto facts = snapshot->index->facts_of(product);
  facts.pending = !snapshot->pending->empty() && snapshot->pending->contains(product);
  return gate::decide(state_->policy, snapshot->around, facts, product, now);
}

std::vector<base::Digest> Knowledge::products_holding(std::span<const base::Digest> files) const { return state_->snapshot.load()->index->products_holding(files); }

void Knowledge::refresh(Time now) {
  const std::lock_guard lock(state_->refreshing);
  auto& s = *state_;
  bool changed = s.shelf.refresh(s.policy.trust, now);
  Time newest = s.newest_clock;
  std::vector<LogFacts> logs;
  for (auto& follower : s.followers) {
    changed |= follower.refresh(s.policy.trust, now);
    newest = std::max(newest, follower.newest_cosignature());
    logs.push_back(follower.facts());
  }
  std::string trouble = s.shelf.trouble();
  if (now > s.newest_clock && newest <= now + clock_skew) {
    if (const auto kept = write_durably(s.folder + "/clock", hallmark::print_time(now) + "\n")) s.newest_clock = now;
    else trouble = kept.error().what;  // a gate that forgets what it has seen can be rolled back
  }
  std::shared_ptr<const Index> index;
  if (changed || !s.indexed) {
    std::vector<Heard> heard;
    std::vector<Revoked> revoked;
    std::vector<Waived> waived;
    s.shelf.collect(heard, revoked);
    for (const auto& follower : s.followers) follower.collect(heard, revoked, waived);
    index = std::make_shared<const Index>(std::move(heard), revoked, waived, s.policy);
    s.indexed = true;
  }
  const auto openings = openings_in(s.folder, s.policy);
  s.change([&](Snapshot& next) {
    if (index) next.index = index;
    next.unreadable = s.shelf.unreadable();
    next.around = {std::max(newest, s.newest_clock), std::move(trouble), std::move(logs), openings};
    auto pending = std::make_shared<std::set<base::Digest>>();
    for (const auto& product : *next.pending)
      if (next.index->facts_of(product).own.empty()) pending->insert(product);
    next.pending = std::move(pending);
  });
}

void Knowledge::refresh_openings() {
  auto openings = openings_in(state_->folder, state_->policy);
  state_->change([&](Snapshot& next) { next.around.openings = std::move(openings); });
}

Knowledge::Counts Knowledge::counts() const {
  const auto snapshot = state_->snapshot.load();
  return {snapshot->index->hallmarks(), snapshot->unreadable, snapshot->pending->size(), snapshot->around};
}

void Knowledge::mark_pending(const base::Digest& product, Time) {
  state_->change([&](Snapshot& next) {
    if (next.pending->size() >= most_pending || next.pending->contains(product)) return;
    auto pending = std::make_shared<std::set<base::Digest>>(*next.pending);
    pending->insert(product);
    next.pending = std::move(pending);
  });
}

void Knowledge::clear_pending(const base::Digest& product) {
  state_->change([&](Snapshot& next) {
    if (!next.pending->contains(product)) return;
    auto pending = std::make_shared<std::set<base::Digest>>(*next.pending);
    pending->erase(product);
    next.pending = std::move(pending);
  });
}

}  // namespace gate
