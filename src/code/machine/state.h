// What the shallow reader knows at one point of a function: for each register and stack cell a
// value that is a constant, a place on the stack, an argument, a loaded cell, a call's result, or
// unknown. Branches are not followed: code is read from start to end, as compilers lay it out.
#pragma once

#include <array>
#include <map>
#include <string>

#include "code/machine/image.h"

struct cs_insn;

namespace code::machine {

struct Value {
  enum class Kind : std::uint8_t { unknown, constant, stack, param, loaded, result };
  Kind kind = Kind::unknown;
  std::int64_t n = 0;  ///< the constant; offset from the stack pointer at entry; number of the argument; address of the cell; number of the call
  bool operator==(const Value&) const = default;
  bool known() const { return kind != Kind::unknown; }
};

inline Value constant(std::uint64_t n) { return {Value::Kind::constant, static_cast<std::int64_t>(n)}; }
inline Value stack_place(std::int64_t n) { return {Value::Kind::stack, n}; }
inline Value param(int n) { return {Value::Kind::param, n}; }

struct State {
  std::array<Value, 512> registers;   ///< by capstone's register number, in its widest form
  std::map<std::int64_t, Value> cells;
  void forget() {
    registers.fill({});
    cells.clear();
  }
  Value& operator[](unsigned r) { return registers[r < registers.size() ? r : 0]; }
};

struct Effect {
  enum class Kind { none, call, jump, end };
  Kind kind = Kind::none;
  Value target;
};

/// The number behind a value, following loaded cells; nothing where the loader decides.
std::optional<std::uint64_t> number_of(const Image& image, const Value& value);
Value plus(const Image& image, const Value& value, std::int64_t more);
Value load(const Image& image, const State& state, const Value& at, bool whole_word);
void store(State& state, const Value& at, const Value& value);

/// One processor family: how a function starts, what an instruction does, where arguments stand.
struct Family {
  void (*enter)(const Image&, std::uint64_t start, State&);
  Effect (*step)(const Image&, const cs_insn&, State&);
  Value (*argument)(const Image&, State&, int n);
  void (*returned)(const Image&, State&, Value result);
  bool delay_slot;
  unsigned stack_pointer, frame_pointer, other_frame_pointer, global_pointer;  ///< register numbers; 0 where there is none
};

/// Behind a jump or return the code is reached from elsewhere: only what holds for the whole
/// function is still known, the stack pointer, the frame pointer, and what lies on the stack.
void forget_path(const Family& family, State& state);

const Family& family_of(Cpu cpu);
extern const Family x86_family, arm_family, arm64_family, mips_family, ppc_family, s390x_family;

}  // namespace code::machine
