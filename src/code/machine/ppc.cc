// PowerPC, 32 and 64 bit, both ELF conventions.
#include <capstone/capstone.h>

#include "code/machine/state.h"

namespace code::machine {
namespace {

void enter_ppc(const Image& image, std::uint64_t start, State& state) {
  state[PPC_REG_R1] = stack_place(0);
  state[PPC_REG_R12] = constant(start);  // ELFv2: the global entry computes r2 from it
  if (image.global_pointer) state[PPC_REG_R2] = constant(image.global_pointer);
  for (int i = 0; i < 8; ++i) state[PPC_REG_R3 + static_cast<unsigned>(i)] = param(i);
}

Effect step_ppc(const Image& image, const cs_insn& insn, State& state) {
  const auto& p = insn.detail->ppc;
  const auto* op = p.operands;
  const auto value = [&](const cs_ppc_op& o) -> Value {
    if (o.type == PPC_OP_REG) return state[o.reg];
    if (o.type == PPC_OP_IMM) return constant(static_cast<std::uint64_t>(o.imm));
    return {};
  };
  const auto set = [&](Value v) { state[op[0].reg] = v; };
  const auto place = [&](int n) { return op[n].type == PPC_OP_MEM ? plus(image, op[n].mem.base == PPC_REG_R0 || op[n].mem.base == PPC_REG_INVALID ? constant(0) : state[op[n].mem.base], op[n].mem.disp) : Value{}; };
  const std::string_view name = insn.mnemonic;
  const auto high = [](std::int64_t n) { return static_cast<std::int64_t>(static_cast<std::int16_t>(n)) << 16; };
  if (name == "lis") set(constant(static_cast<std::uint64_t>(high(op[1].imm)) & (image.wide ? ~0ull : 0xffffffffull)));
  else if (name == "li") set(constant(static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int16_t>(op[1].imm)))));  // printed unsigned
  else if (name == "addis") set(plus(image, value(op[1]), high(op[2].imm)));
  else if (name == "addi" || name == "addic" || name == "la") set(op[1].type == PPC_OP_MEM ? place(1) : plus(image, value(op[1]), static_cast<std::int16_t>(op[2].imm)));
  else if (name == "mr") set(value(op[1]));
  else if (name == "ori") {
    const auto left = number_of(image, value(op[1]));
    set(left ? constant(*left | static_cast<std::uint64_t>(op[2].imm & 0xffff)) : Value{});
  } else if (name == (image.wide ? "ld" : "lwz")) {
    const auto loaded = load(image, state, place(1), true);
    const bool restores = image.global_pointer && op[0].reg == PPC_REG_R2;  // the caller's r2, saved by the stub
    set(restores && !loaded.known() ? constant(image.global_pointer) : loaded);
  } else if (name == "std" || name == "stw") store(state, place(1), name == (image.wide ? "std" : "stw") ? state[op[0].reg] : Value{});
  else if (name == "stdu" || name == "stwu") {
    const auto at = place(1);
    store(state, at, state[op[0].reg]);
    state[op[1].mem.base] = at;
  } else if (name == "mtctr") state[PPC_REG_CTR] = value(op[0]);
  else if (name == "bl" || name == "bla") return {Effect::Kind::call, value(op[0])};
  else if (name == "bctrl") return {Effect::Kind::call, state[PPC_REG_CTR]};
  else if (name == "bctr") return {Effect::Kind::jump, state[PPC_REG_CTR]};
  else if (name == "b") return {Effect::Kind::jump, value(op[0])};
  else if (name == "blr") return {Effect::Kind::end, {}};
  else if (!name.starts_with("st") && !name.starts_with("cmp") && !name.starts_with("b") && p.op_count && op[0].type == PPC_OP_REG) set({});
  return {};
}

Value argument_ppc(const Image&, State& state, int n) { return state[PPC_REG_R3 + static_cast<unsigned>(n)]; }

void returned_ppc(const Image& image, State& state, Value result) {
  for (unsigned r = PPC_REG_R3; r <= PPC_REG_R12; ++r) state[r] = {};
  state[PPC_REG_R0] = {};
  state[PPC_REG_R3] = result;
  if (image.global_pointer) state[PPC_REG_R2] = constant(image.global_pointer);
}

}  // namespace

const Family ppc_family = {enter_ppc, step_ppc, argument_ppc, returned_ppc, false, PPC_REG_R1, PPC_REG_R31, 0, PPC_REG_R2};

}  // namespace code::machine
