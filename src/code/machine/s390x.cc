// S/390, 64 bit.
#include <capstone/capstone.h>

#include "code/machine/state.h"

namespace code::machine {
namespace {

unsigned register_number(unsigned r) { return r - SYSZ_REG_0; }

void enter_s390x(const Image&, std::uint64_t, State& state) {
  state[SYSZ_REG_15] = stack_place(0);
  for (int i = 0; i < 5; ++i) state[SYSZ_REG_2 + static_cast<unsigned>(i)] = param(i);
}

Effect step_s390x(const Image& image, const cs_insn& insn, State& state) {
  const auto& z = insn.detail->sysz;
  const auto* op = z.operands;
  const auto value = [&](const cs_sysz_op& o) -> Value {
    if (o.type == SYSZ_OP_REG) return state[o.reg];
    if (o.type == SYSZ_OP_IMM) return constant(static_cast<std::uint64_t>(o.imm));
    return {};
  };
  const auto set = [&](Value v) { state[op[0].reg] = v; };
  const auto place = [&](int n) -> Value {
    const auto& mem = op[n].mem;
    if (op[n].type != SYSZ_OP_MEM || (mem.index != SYSZ_REG_INVALID && mem.index != 0)) return {};
    return plus(image, mem.base == SYSZ_REG_INVALID ? constant(0) : state[mem.base], mem.disp);
  };
  const std::string_view name = insn.mnemonic;
  if (name == "larl" || name == "lgr" || name == "lghi" || name == "lgfi") set(value(op[1]));
  else if (name == "lgrl") set(load(image, state, value(op[1]), true));
  else if (name == "la" || name == "lay") set(place(1));
  else if (name == "lg") set(load(image, state, place(1), true));
  else if (name == "stg") store(state, place(1), state[op[0].reg]);
  else if (name == "aghi" || name == "agfi") set(plus(image, value(op[0]), op[1].imm));
  else if (name == "brasl") return {Effect::Kind::call, value(op[1])};
  else if (name == "basr") return {Effect::Kind::call, value(op[1])};
  else if (name == "br") return register_number(op[0].reg) == 14 ? Effect{Effect::Kind::end, {}} : Effect{Effect::Kind::jump, value(op[0])};
  else if (name == "j" || name == "jg") return {Effect::Kind::jump, value(op[0])};
  else if (name == "lmg" && z.op_count == 3) {
    for (unsigned r = op[0].reg; r <= op[1].reg && r <= SYSZ_REG_15; ++r) state[r] = r == SYSZ_REG_15 ? stack_place(0) : Value{};
  } else if (!name.starts_with("st") && !name.starts_with("c") && !name.starts_with("j") && z.op_count && op[0].type == SYSZ_OP_REG) set({});
  return {};
}

Value argument_s390x(const Image&, State& state, int n) { return n < 5 ? state[SYSZ_REG_2 + static_cast<unsigned>(n)] : Value{}; }

void returned_s390x(const Image&, State& state, Value result) {
  for (unsigned r = SYSZ_REG_0; r <= SYSZ_REG_5; ++r) state[r] = {};
  state[SYSZ_REG_14] = {};
  state[SYSZ_REG_2] = result;
}

}  // namespace

const Family s390x_family = {enter_s390x, step_s390x, argument_s390x, returned_s390x, false, SYSZ_REG_15, SYSZ_REG_11, 0, 0};

}  // namespace code::machine
