#include "tlog/follow.h"

namespace tlog {
namespace {

using base::Trouble;

constexpr std::size_t most_note_bytes = 16u << 20;
constexpr const char* last_name = "checkpoint";

bool missing(const base::Error& error) { return error.what.find("404") != std::string::npos; }

}  // namespace

std::string_view name_of(Breach breach) {
  switch (breach) {
    case Breach::none: return "none";
    case Breach::rolled_back: return "rolled back";
    case Breach::forked: return "forked";
    case Breach::withheld: return "withheld";
    case Breach::not_cosigned: return "not cosigned";
  }
  return "";
}

base::Result<Follow> Follow::open(const std::string& state, GetFile get, LogTrust trust) {
  Follow out(TRY(Files::open(state)), std::move(get), std::move(trust));
  const auto text = TRY(out.note(last_name));
  if (text.empty()) return out;
  // What was kept was checked then; a quorum that has been raised since binds the log from now on.
  auto lenient = out.trust_;
  lenient.quorum = 0;
  auto last = check_checkpoint(text, lenient);
  if (!last) return base::fail(Trouble::usage, "{}/{}: {}; this state belongs to another log or was changed", base::printable(state), last_name, last.error().what);
  out.last_ = std::move(*last);
  return out;
}

base::Result<std::string> Follow::note(const std::string& name) const {
  auto text = files_.read(name, most_note_bytes);
  if (!text && missing(text.error())) return std::string();
  return text;
}

base::Result<> Follow::note(const std::string& name, std::string text) {
  files_.put(name, std::move(text));
  return files_.commit();
}

base::Result<> Follow::keep(const SeenCheckpoint& seen) {
  CHECK_OK(note(last_name, seen.note));
  last_ = seen;
  return {};
}

base::Result<> Follow::accuse(const SeenCheckpoint& seen, std::int64_t now, const std::string& why) {
  if (last_) files_.put(fmt::format("evidence/{}-older", now), last_->note);
  files_.put(fmt::format("evidence/{}-newer", now), seen.note);
  files_.put(fmt::format("evidence/{}-why", now), why + "\n");
  return files_.commit();
}

base::Result<Look> Follow::broken(Look look, Breach breach, std::string why, std::int64_t now) {
  look.breach = breach;
  look.why = std::move(why);
  CHECK_OK(accuse(look.seen, now, look.why));
  return look;
}

base::Result<Look> Follow::look(std::int64_t now) {
  Look out;
  out.since = last_ ? last_->checkpoint.size : 0;
  const auto name = base::printable(trust_.origin);
  const auto text = TRY(get_("checkpoint"));
  auto lenient = trust_;
  lenient.quorum = 0;
  out.seen = TRY(check_checkpoint(text, lenient));
  const auto& newer = out.seen.checkpoint;
  if (last_ && newer.size < last_->checkpoint.size)
    return broken(std::move(out), Breach::rolled_back, fmt::format("the log '{}' was rolled back: it signed {} entries, and now shows {}", name, last_->checkpoint.size, newer.size), now);
  if (last_ && newer.size == last_->checkpoint.size && newer.root != last_->checkpoint.root)
    return broken(std::move(out), Breach::forked, fmt::format("the log '{}' forked: it signed two different logs of {} entries", name, newer.size), now);
  if (last_ && newer.size > last_->checkpoint.size) {
    const auto root = reading_.root_at(last_->checkpoint.size, newer);
    // Tiles that don't lead to the signed root are as good as none: what is covered never changes.
    if (!root && (missing(root.error()) || root.error().trouble == Trouble::malformed)) return broken(std::move(out), Breach::withheld, fmt::format("the log '{}' withholds what it signed: {}", name, root.error().what), now);
    if (!root) return std::unexpected(root.error());
    if (*root != last_->checkpoint.root)
      return broken(std::move(out), Breach::forked, fmt::format("the log '{}' forked: what it signed at {} entries is no part of what it signs at {}", name, last_->checkpoint.size, newer.size), now);
  }
  if (out.seen.cosigned < trust_.quorum)
    return broken(std::move(out), Breach::not_cosigned, fmt::format("the newest checkpoint of '{}' is cosigned by {} of the trusted witnesses; {} are asked for", name, out.seen.cosigned, trust_.quorum), now);
  return out;
}

}  // namespace tlog
