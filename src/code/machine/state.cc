#include "code/machine/state.h"

namespace code::machine {

std::optional<std::uint64_t> number_of(const Image& image, const Value& value) {
  if (value.kind == Value::Kind::constant) return static_cast<std::uint64_t>(value.n);
  if (value.kind == Value::Kind::loaded) return image.word_at(static_cast<std::uint64_t>(value.n));
  return std::nullopt;
}

Value plus(const Image& image, const Value& value, std::int64_t more) {
  if (more == 0) return value;
  const auto sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(value.n) + static_cast<std::uint64_t>(more));
  if (value.kind == Value::Kind::stack) return stack_place(sum);
  if (const auto n = number_of(image, value)) {
    const auto out = *n + static_cast<std::uint64_t>(more);
    return constant(image.wide ? out : out & 0xffffffff);
  }
  return {};
}

Value load(const Image& image, const State& state, const Value& at, bool whole_word) {
  if (!whole_word) return {};
  if (at.kind == Value::Kind::stack) {
    const auto cell = state.cells.find(at.n);
    return cell == state.cells.end() ? Value{} : cell->second;
  }
  const auto address = number_of(image, at);
  if (!address || (!image.region_at(*address) && !image.slots.contains(*address))) return {};
  const auto* region = image.region_at(*address);
  if (region && region->code && !image.slots.contains(*address))  // literal pools
    if (const auto word = image.word_at(*address)) return constant(*word);
  return {Value::Kind::loaded, static_cast<std::int64_t>(*address)};
}

void store(State& state, const Value& at, const Value& value) {
  if (at.kind != Value::Kind::stack) return;
  if (state.cells.size() < 4096 || state.cells.contains(at.n)) state.cells[at.n] = value;
}

void forget_path(const Family& family, State& state) {
  const auto stack = state[family.stack_pointer], frame = state[family.frame_pointer], other = state[family.other_frame_pointer], global = state[family.global_pointer];
  state.registers.fill({});
  if (stack.kind == Value::Kind::stack) state[family.stack_pointer] = stack;
  // Without a frame the register serves for anything: a frame pointer is near the entry or at the stack pointer.
  const auto is_frame = [&](const Value& v) { return v.kind == Value::Kind::stack && (v.n >= -64 || v == stack); };
  if (family.frame_pointer && is_frame(frame)) state[family.frame_pointer] = frame;
  if (family.other_frame_pointer && is_frame(other)) state[family.other_frame_pointer] = other;
  if (family.global_pointer && global.kind == Value::Kind::constant) state[family.global_pointer] = global;
}

const Family& family_of(Cpu cpu) {
  switch (cpu) {
    case Cpu::x86: case Cpu::x86_64: return x86_family;
    case Cpu::arm: return arm_family;
    case Cpu::arm64: return arm64_family;
    case Cpu::mips: return mips_family;
    case Cpu::ppc: case Cpu::ppc64: return ppc_family;
    case Cpu::s390x: return s390x_family;
  }
  return x86_family;
}

}  // namespace code::machine
