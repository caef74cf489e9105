// i386 and x86-64: System V and Windows calling conventions.
#include <capstone/capstone.h>

#include "code/machine/state.h"

namespace code::machine {
namespace {

/// The 64-bit form of a general register; others as they are.
unsigned wide_x86(unsigned r) {
  switch (r) {
    case X86_REG_EAX: case X86_REG_AX: case X86_REG_AL: return X86_REG_RAX;
    case X86_REG_EBX: case X86_REG_BX: case X86_REG_BL: return X86_REG_RBX;
    case X86_REG_ECX: case X86_REG_CX: case X86_REG_CL: return X86_REG_RCX;
    case X86_REG_EDX: case X86_REG_DX: case X86_REG_DL: return X86_REG_RDX;
    case X86_REG_ESI: case X86_REG_SI: return X86_REG_RSI;
    case X86_REG_EDI: case X86_REG_DI: return X86_REG_RDI;
    case X86_REG_EBP: return X86_REG_RBP;
    case X86_REG_ESP: return X86_REG_RSP;
    case X86_REG_R8D: return X86_REG_R8;
    case X86_REG_R9D: return X86_REG_R9;
    case X86_REG_R10D: return X86_REG_R10;
    case X86_REG_R11D: return X86_REG_R11;
    case X86_REG_R12D: return X86_REG_R12;
    case X86_REG_R13D: return X86_REG_R13;
    case X86_REG_R14D: return X86_REG_R14;
    case X86_REG_R15D: return X86_REG_R15;
    default: return r;
  }
}

constexpr unsigned system_v[] = {X86_REG_RDI, X86_REG_RSI, X86_REG_RDX, X86_REG_RCX, X86_REG_R8, X86_REG_R9};
constexpr unsigned windows[] = {X86_REG_RCX, X86_REG_RDX, X86_REG_R8, X86_REG_R9};

void enter_x86(const Image& image, std::uint64_t, State& state) {
  state[X86_REG_RSP] = stack_place(0);
  if (image.cpu == Cpu::x86 && image.global_pointer) state[X86_REG_RBX] = constant(image.global_pointer);  // what PIC stubs expect
  for (int i = 0; i < 6; ++i) {
    if (image.cpu == Cpu::x86) state.cells[4 + 4 * i] = param(i);
    else if (!image.windows) state[system_v[i]] = param(i);
    else if (i < 4) state[windows[i]] = param(i);
  }
}

Value place_x86(const Image& image, const cs_insn& insn, const x86_op_mem& mem, State& state) {
  if (mem.segment != X86_REG_INVALID || mem.index != X86_REG_INVALID) return {};
  if (mem.base == X86_REG_RIP) return constant(insn.address + insn.size + static_cast<std::uint64_t>(mem.disp));
  if (mem.base == X86_REG_INVALID) return constant(image.wide ? static_cast<std::uint64_t>(mem.disp) : static_cast<std::uint32_t>(mem.disp));
  return plus(image, state[wide_x86(mem.base)], mem.disp);
}

Value read_x86(const Image& image, const cs_insn& insn, const cs_x86_op& op, State& state) {
  switch (op.type) {
    case X86_OP_REG: return op.size == image.word() || image.wide ? state[wide_x86(op.reg)] : Value{};
    case X86_OP_IMM: return constant(image.wide ? static_cast<std::uint64_t>(op.imm) : static_cast<std::uint32_t>(op.imm));
    case X86_OP_MEM: return load(image, state, place_x86(image, insn, op.mem, state), op.size == image.word());
    default: return {};
  }
}

void write_x86(const Image& image, const cs_insn& insn, const cs_x86_op& op, State& state, Value value) {
  if (op.type == X86_OP_REG) state[wide_x86(op.reg)] = op.size >= 4 ? value : Value{};
  if (op.type == X86_OP_MEM) store(state, place_x86(image, insn, op.mem, state), op.size == image.word() ? value : Value{});
}

/// "call next; pop reg" and __x86.get_pc_thunk.reg: a register gets the address behind the call.
unsigned thunk_register(const Image& image, std::uint64_t target) {
  const auto* r = image.region_at(target);
  if (!r) return 0;
  const auto b = base::slice(r->bytes, target - r->address, 4);
  if (b.size() < 4 || b[0] != 0x8b || (b[1] & 0xc7) != 0x04 || b[2] != 0x24 || b[3] != 0xc3) return 0;
  constexpr unsigned by_number[] = {X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP, X86_REG_RSI, X86_REG_RDI};
  return by_number[(b[1] >> 3) & 7];
}

Effect step_x86(const Image& image, const cs_insn& insn, State& state) {
  const auto& x = insn.detail->x86;
  const auto* op = x.operands;
  auto& sp = state[X86_REG_RSP];
  const auto word = static_cast<std::int64_t>(image.word());
  switch (insn.id) {
    case X86_INS_MOV: case X86_INS_MOVABS:
      write_x86(image, insn, op[0], state, read_x86(image, insn, op[1], state));
      return {};
    case X86_INS_LEA: write_x86(image, insn, op[0], state, place_x86(image, insn, op[1].mem, state)); return {};
    case X86_INS_PUSH: {
      const auto value = read_x86(image, insn, op[0], state);
      sp = plus(image, sp, -word);
      store(state, sp, value);
      return {};
    }
    case X86_INS_POP:
      write_x86(image, insn, op[0], state, load(image, state, sp, true));
      sp = plus(image, sp, word);
      return {};
    case X86_INS_ADD: case X86_INS_SUB: {
      const auto value = read_x86(image, insn, op[0], state);
      const auto other = number_of(image, read_x86(image, insn, op[1], state));
      Value sum;
      if (other && value.known() && op[0].size == image.word()) {
        auto more = static_cast<std::int64_t>(*other);
        if (!image.wide) more = static_cast<std::int32_t>(more);
        sum = plus(image, value, insn.id == X86_INS_ADD ? more : -more);
      }
      write_x86(image, insn, op[0], state, sum);
      return {};
    }
    case X86_INS_AND:
      if (op[0].type == X86_OP_REG && wide_x86(op[0].reg) == X86_REG_RSP && sp.kind == Value::Kind::stack && op[1].type == X86_OP_IMM) sp.n &= op[1].imm | (image.wide ? 0 : ~0xffffffffll);
      else write_x86(image, insn, op[0], state, {});
      return {};
    case X86_INS_XOR:
      write_x86(image, insn, op[0], state, op[0].type == X86_OP_REG && op[1].type == X86_OP_REG && op[0].reg == op[1].reg ? constant(0) : Value{});
      return {};
    case X86_INS_LEAVE:
      sp = plus(image, state[X86_REG_RBP], word);
      state[X86_REG_RBP] = {};
      return {};
    case X86_INS_CALL: {
      if (op[0].type != X86_OP_IMM) return {Effect::Kind::call, read_x86(image, insn, op[0], state)};
      const auto target = static_cast<std::uint64_t>(op[0].imm);
      const auto next = insn.address + insn.size;
      if (target == next) {
        sp = plus(image, sp, -word);
        store(state, sp, constant(next));
        return {};
      }
      if (const auto r = thunk_register(image, target)) {
        state[r] = constant(next);
        return {};
      }
      return {Effect::Kind::call, constant(target)};
    }
    case X86_INS_JMP: return {Effect::Kind::jump, op[0].type == X86_OP_IMM ? constant(static_cast<std::uint64_t>(op[0].imm)) : read_x86(image, insn, op[0], state)};
    case X86_INS_RET: case X86_INS_RETF: case X86_INS_HLT: return {Effect::Kind::end, {}};
    case X86_INS_CMP: case X86_INS_TEST: return {};
    default: break;
  }
  for (int i = 0; i < x.op_count; ++i)
    if (op[i].access & CS_AC_WRITE) write_x86(image, insn, op[i], state, {});
  return {};
}

Value argument_x86(const Image& image, State& state, int n) {
  if (image.cpu == Cpu::x86) return load(image, state, plus(image, state[X86_REG_RSP], 4 * n), true);
  if (image.windows) return n < 4 ? state[windows[n]] : Value{};
  return state[system_v[n]];
}

void returned_x86(const Image& image, State& state, Value result) {
  for (const unsigned r : {X86_REG_RCX, X86_REG_RDX}) state[r] = {};
  if (image.wide)
    for (const unsigned r : {X86_REG_R8, X86_REG_R9, X86_REG_R10, X86_REG_R11}) state[r] = {};
  if (image.wide && !image.windows) state[X86_REG_RDI] = state[X86_REG_RSI] = {};
  state[X86_REG_RAX] = result;
}

}  // namespace

const Family x86_family = {enter_x86, step_x86, argument_x86, returned_x86, false, X86_REG_RSP, X86_REG_RBP, 0, X86_REG_RBX};

}  // namespace code::machine
