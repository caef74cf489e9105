// ARM and Thumb, AAPCS.
#include <capstone/capstone.h>

#include <bit>

#include "code/machine/state.h"

namespace code::machine {
namespace {

void enter_arm(const Image&, std::uint64_t, State& state) {
  state[ARM_REG_SP] = stack_place(0);
  for (int i = 0; i < 4; ++i) state[ARM_REG_R0 + static_cast<unsigned>(i)] = param(i);
}

/// What an instruction sees in pc.
std::uint64_t pc_of(const cs_insn& insn) {
  for (int i = 0; i < insn.detail->groups_count; ++i)
    if (insn.detail->groups[i] == ARM_GRP_THUMB || insn.detail->groups[i] == ARM_GRP_THUMB2) return (insn.address + 4) & ~3ull;
  return insn.size == 2 ? (insn.address + 4) & ~3ull : insn.address + 8;
}

Value register_arm(const cs_insn& insn, unsigned r, State& state) { return r == ARM_REG_PC ? constant(pc_of(insn)) : state[r]; }

Value place_arm(const Image& image, const cs_insn& insn, const cs_arm_op& op, State& state) {
  if (op.mem.index != ARM_REG_INVALID) {
    const auto index = number_of(image, state[op.mem.index]);
    if (!index || op.shift.type != ARM_SFT_INVALID) return {};
    return plus(image, register_arm(insn, op.mem.base, state), op.mem.scale < 0 ? -static_cast<std::int64_t>(*index) : static_cast<std::int64_t>(*index));
  }
  return plus(image, register_arm(insn, op.mem.base, state), op.mem.disp);
}

void move_many(const Image& image, const cs_arm& a, State& state, bool push) {
  auto& sp = state[ARM_REG_SP];
  if (push) sp = plus(image, sp, -4 * a.op_count);
  for (int i = 0; i < a.op_count; ++i) {
    const auto cell = plus(image, sp, 4 * i);
    if (push) store(state, cell, state[a.operands[i].reg]);
    else if (a.operands[i].reg != ARM_REG_PC) state[a.operands[i].reg] = load(image, state, cell, true);
  }
  if (!push) sp = plus(image, sp, 4 * a.op_count);
}

Effect step_arm(const Image& image, const cs_insn& insn, State& state) {
  const auto& a = insn.detail->arm;
  const auto* op = a.operands;
  const bool always = a.cc == ARM_CC_AL || a.cc == ARM_CC_INVALID;
  const auto value = [&](const cs_arm_op& o) -> Value {
    if (o.type == ARM_OP_IMM) return constant(static_cast<std::uint32_t>(o.imm));
    if (o.type == ARM_OP_REG && o.shift.type == ARM_SFT_INVALID) return register_arm(insn, static_cast<unsigned>(o.reg), state);
    return {};
  };
  const auto set = [&](Value v) { state[static_cast<unsigned>(op[0].reg)] = always ? v : Value{}; };
  switch (insn.id) {
    case ARM_INS_MOV: case ARM_INS_MOVW: set(value(op[1])); return {};
    case ARM_INS_MOVT: {
      const auto old = number_of(image, state[static_cast<unsigned>(op[0].reg)]);
      set(old ? constant((*old & 0xffff) | static_cast<std::uint64_t>(op[1].imm) << 16) : Value{});
      return {};
    }
    case ARM_INS_ADD: case ARM_INS_SUB: case ARM_INS_ADR: {
      auto left = a.op_count > 2 ? value(op[1]) : insn.id == ARM_INS_ADR ? constant(pc_of(insn)) : value(op[0]);
      auto right = value(op[a.op_count > 2 ? 2 : 1]);
      if (a.op_count > 3 && op[3].type == ARM_OP_IMM && right.kind == Value::Kind::constant)  // "#16, #20" is 16 rotated right by 20
        right = constant(std::rotr(static_cast<std::uint32_t>(right.n), op[3].imm));
      if (!number_of(image, right)) std::swap(left, right);
      const auto more = number_of(image, right);
      const auto step = more ? static_cast<std::int64_t>(static_cast<std::int32_t>(*more)) : 0;
      set(more && left.known() ? plus(image, left, insn.id == ARM_INS_SUB ? -step : step) : Value{});
      return {};
    }
    case ARM_INS_LDR: {
      const auto place = place_arm(image, insn, op[1], state);
      if (op[0].reg == ARM_REG_PC) return {Effect::Kind::jump, load(image, state, place, true)};
      set(load(image, state, place, true));
      if (a.writeback && op[1].mem.base != ARM_REG_PC) state[op[1].mem.base] = a.op_count > 2 ? plus(image, state[op[1].mem.base], op[2].imm) : place;
      return {};
    }
    case ARM_INS_STR: {
      const auto place = place_arm(image, insn, op[1], state);
      store(state, place, state[static_cast<unsigned>(op[0].reg)]);
      if (a.writeback) state[op[1].mem.base] = a.op_count > 2 ? plus(image, state[op[1].mem.base], op[2].imm) : place;
      return {};
    }
    case ARM_INS_PUSH: move_many(image, a, state, true); return {};
    case ARM_INS_POP:
      if (!always) return {};
      move_many(image, a, state, false);
      return {};
    case ARM_INS_BL: case ARM_INS_BLX: return {Effect::Kind::call, value(op[0])};
    case ARM_INS_B: case ARM_INS_BX: return always ? Effect{Effect::Kind::jump, value(op[0])} : Effect{};
    case ARM_INS_CMP: case ARM_INS_CMN: case ARM_INS_TST: case ARM_INS_STRB: case ARM_INS_STRH: case ARM_INS_STRD: case ARM_INS_STM: case ARM_INS_STMDB: return {};
    default: break;
  }
  for (int i = 0; i < a.op_count; ++i)
    if (op[i].type == ARM_OP_REG && ((op[i].access & CS_AC_WRITE) || i == 0)) state[static_cast<unsigned>(op[i].reg)] = {};
  return {};
}

Value argument_arm(const Image&, State& state, int n) { return n < 4 ? state[ARM_REG_R0 + static_cast<unsigned>(n)] : Value{}; }

void returned_arm(const Image&, State& state, Value result) {
  for (const unsigned r : {ARM_REG_R0, ARM_REG_R1, ARM_REG_R2, ARM_REG_R3, ARM_REG_R12}) state[r] = {};
  state[ARM_REG_R0] = result;
}

}  // namespace

const Family arm_family = {enter_arm, step_arm, argument_arm, returned_arm, false, ARM_REG_SP, ARM_REG_R11, ARM_REG_R7, 0};

}  // namespace code::machine
