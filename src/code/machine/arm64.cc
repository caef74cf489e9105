// AArch64, AAPCS64.
#include <capstone/capstone.h>

#include "code/machine/state.h"

namespace code::machine {
namespace {

unsigned wide_arm64(unsigned r) {
  if (r >= ARM64_REG_W0 && r <= ARM64_REG_W28) return ARM64_REG_X0 + (r - ARM64_REG_W0);
  if (r == ARM64_REG_W29) return ARM64_REG_X29;
  if (r == ARM64_REG_W30) return ARM64_REG_X30;
  return r;
}

void enter_arm64(const Image&, std::uint64_t, State& state) {
  state[ARM64_REG_SP] = stack_place(0);
  for (int i = 0; i < 8; ++i) state[ARM64_REG_X0 + static_cast<unsigned>(i)] = param(i);
}

bool whole(unsigned r) { return wide_arm64(r) == r; }

/// LDR, LDP, STR, STP with their write-back.
Effect move_arm64(const Image& image, const cs_insn& insn, State& state, bool loads) {
  const auto& a = insn.detail->arm64;
  int at = 0;
  while (at < a.op_count && a.operands[at].type == ARM64_OP_REG) ++at;
  if (at == a.op_count || at == 0) return {};
  if (a.operands[at].type == ARM64_OP_IMM) {  // a literal
    if (loads) state[wide_arm64(a.operands[0].reg)] = load(image, state, constant(static_cast<std::uint64_t>(a.operands[at].imm)), whole(a.operands[0].reg));
    return {};
  }
  if (a.operands[at].type != ARM64_OP_MEM) return {};
  const auto& mem = a.operands[at].mem;
  const unsigned base = mem.base;
  auto place = mem.index == ARM64_REG_INVALID ? plus(image, state[base], mem.disp) : Value{};
  for (int i = 0; i < at; ++i) {
    const auto r = a.operands[i].reg;
    const auto here = plus(image, place, i * 8);
    if (loads) state[wide_arm64(r)] = load(image, state, here, whole(r));
    else store(state, here, whole(r) ? state[r] : Value{});
  }
  if (a.writeback) state[base] = at + 1 < a.op_count && a.operands[at + 1].type == ARM64_OP_IMM ? plus(image, state[base], a.operands[at + 1].imm) : place;
  return {};
}

Effect step_arm64(const Image& image, const cs_insn& insn, State& state) {
  const auto& a = insn.detail->arm64;
  const auto* op = a.operands;
  const auto value = [&](const cs_arm64_op& o) -> Value {
    if (o.type == ARM64_OP_REG) return o.reg == ARM64_REG_XZR || o.reg == ARM64_REG_WZR ? constant(0) : o.shift.value ? Value{} : state[wide_arm64(o.reg)];
    if (o.type == ARM64_OP_IMM) return constant(static_cast<std::uint64_t>(o.imm) << (o.shift.type == ARM64_SFT_LSL ? o.shift.value & 63 : 0));
    return {};
  };
  const auto set = [&](Value v) { state[wide_arm64(op[0].reg)] = v; };
  switch (insn.id) {
    case ARM64_INS_ADRP: case ARM64_INS_ADR: case ARM64_INS_MOV: case ARM64_INS_MOVZ: set(value(op[1])); return {};
    case ARM64_INS_MOVK: {
      const auto old = number_of(image, state[wide_arm64(op[0].reg)]);
      const unsigned shift = op[1].shift.value & 63;
      set(old ? constant((*old & ~(0xffffull << shift)) | static_cast<std::uint64_t>(op[1].imm) << shift) : Value{});
      return {};
    }
    case ARM64_INS_ADD: case ARM64_INS_SUB: {
      const auto more = number_of(image, value(op[2]));
      set(more ? plus(image, value(op[1]), insn.id == ARM64_INS_ADD ? static_cast<std::int64_t>(*more) : -static_cast<std::int64_t>(*more)) : Value{});
      return {};
    }
    case ARM64_INS_LDR: case ARM64_INS_LDUR: case ARM64_INS_LDP: return move_arm64(image, insn, state, true);
    case ARM64_INS_STR: case ARM64_INS_STUR: case ARM64_INS_STP: return move_arm64(image, insn, state, false);
    case ARM64_INS_BL: case ARM64_INS_BLR: return {Effect::Kind::call, value(op[0])};
    case ARM64_INS_B:
      if (a.cc != ARM64_CC_INVALID && a.cc != ARM64_CC_AL) return {};
      return {Effect::Kind::jump, value(op[0])};
    case ARM64_INS_BR: return {Effect::Kind::jump, value(op[0])};
    case ARM64_INS_RET: return {Effect::Kind::end, {}};
    case ARM64_INS_CMP: case ARM64_INS_CBZ: case ARM64_INS_CBNZ: case ARM64_INS_TBZ: case ARM64_INS_TBNZ: return {};
    default: break;
  }
  for (int i = 0; i < a.op_count; ++i)
    if (op[i].type == ARM64_OP_REG && ((op[i].access & CS_AC_WRITE) || i == 0) && insn.mnemonic[0] != 's') state[wide_arm64(op[i].reg)] = {};
  return {};
}

Value argument_arm64(const Image&, State& state, int n) { return state[ARM64_REG_X0 + static_cast<unsigned>(n)]; }

void returned_arm64(const Image&, State& state, Value result) {
  for (unsigned r = ARM64_REG_X0; r <= ARM64_REG_X0 + 18; ++r) state[r] = {};
  state[ARM64_REG_X0] = result;
}

}  // namespace

const Family arm64_family = {enter_arm64, step_arm64, argument_arm64, returned_arm64, false, ARM64_REG_SP, ARM64_REG_X29, 0, 0};

}  // namespace code::machine
