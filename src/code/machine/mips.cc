// MIPS, O32 calling convention, with its delay slots.
#include <capstone/capstone.h>

#include "code/machine/state.h"

namespace code::machine {
namespace {

void enter_mips(const Image& image, std::uint64_t start, State& state) {
  state[MIPS_REG_SP] = stack_place(0);
  state[MIPS_REG_T9] = constant(start);  // by convention, so that $gp can be computed from it
  if (image.global_pointer) state[MIPS_REG_GP] = constant(image.global_pointer);
  state[MIPS_REG_ZERO] = constant(0);
  for (int i = 0; i < 4; ++i) state[MIPS_REG_A0 + static_cast<unsigned>(i)] = param(i);
}

Effect step_mips(const Image& image, const cs_insn& insn, State& state) {
  const auto& m = insn.detail->mips;
  const auto* op = m.operands;
  const auto value = [&](const cs_mips_op& o) -> Value {
    if (o.type == MIPS_OP_REG) return state[o.reg];
    if (o.type == MIPS_OP_IMM) return constant(static_cast<std::uint64_t>(o.imm));
    return {};
  };
  const auto set = [&](Value v) {
    if (op[0].reg != MIPS_REG_ZERO) state[op[0].reg] = v;
  };
  const auto place = [&] { return plus(image, state[op[1].mem.base], op[1].mem.disp); };
  const auto sum = [&](Value left, Value right) -> Value {
    if (!number_of(image, right)) std::swap(left, right);
    const auto more = number_of(image, right);
    return more && left.known() ? plus(image, left, static_cast<std::int32_t>(*more)) : Value{};
  };
  switch (insn.id) {
    case MIPS_INS_LUI: set(constant((static_cast<std::uint64_t>(op[1].imm) & 0xffff) << 16)); return {};
    case MIPS_INS_ADDIU: case MIPS_INS_ADDU: case MIPS_INS_DADDIU: case MIPS_INS_DADDU: set(m.op_count > 2 ? sum(value(op[1]), value(op[2])) : sum(value(op[0]), value(op[1]))); return {};
    case MIPS_INS_MOVE: set(value(op[1])); return {};
    case MIPS_INS_OR:
      set(m.op_count > 2 && value(op[2]) == constant(0) ? value(op[1]) : Value{});
      return {};
    case MIPS_INS_ORI: {
      const auto left = number_of(image, value(op[1]));
      set(left ? constant(*left | (static_cast<std::uint64_t>(op[2].imm) & 0xffff)) : Value{});
      return {};
    }
    case MIPS_INS_LW: case MIPS_INS_LD: set(load(image, state, place(), true)); return {};
    case MIPS_INS_SW: case MIPS_INS_SD: store(state, place(), state[op[0].reg]); return {};
    case MIPS_INS_JAL: case MIPS_INS_BAL: return {Effect::Kind::call, value(op[m.op_count - 1])};
    case MIPS_INS_JALR: return {Effect::Kind::call, value(op[m.op_count - 1])};
    case MIPS_INS_J: case MIPS_INS_JR: return {Effect::Kind::jump, value(op[0])};
    default: break;
  }
  const bool writes = insn.mnemonic[0] != 'b' && insn.mnemonic[0] != 's';
  if ((writes || insn.id == MIPS_INS_SLT || insn.id == MIPS_INS_SLL || insn.id == MIPS_INS_SUBU || insn.id == MIPS_INS_SRA || insn.id == MIPS_INS_SRL) && m.op_count && op[0].type == MIPS_OP_REG) set({});
  return {};
}

Value argument_mips(const Image& image, State& state, int n) {
  return n < 4 ? state[MIPS_REG_A0 + static_cast<unsigned>(n)] : load(image, state, plus(image, state[MIPS_REG_SP], 4 * n), true);
}

void returned_mips(const Image& image, State& state, Value result) {
  for (unsigned r = MIPS_REG_V0; r <= MIPS_REG_T7; ++r) state[r] = {};
  state[MIPS_REG_T8] = state[MIPS_REG_T9] = {};
  state[MIPS_REG_V0] = result;
  if (image.global_pointer) state[MIPS_REG_GP] = constant(image.global_pointer);
}

}  // namespace

const Family mips_family = {enter_mips, step_mips, argument_mips, returned_mips, true, MIPS_REG_SP, MIPS_REG_FP, 0, MIPS_REG_GP};

}  // namespace code::machine
