#include "code/machine/calls.h"

#include <capstone/capstone.h>

#include <charconv>
#include <functional>
#include <optional>

namespace code::machine {
namespace {

using base::Result;
using base::Trouble;

/// Capstone's handle and one instruction, freed together.
class Decoder {
 public:
  explicit Decoder(const Image& image, bool detail) : image_(image) {
    cs_arch arch = CS_ARCH_X86;
    int mode = 0;
    const int order = image.endian == std::endian::big ? CS_MODE_BIG_ENDIAN : CS_MODE_LITTLE_ENDIAN;
    switch (image.cpu) {
      case Cpu::x86: mode = CS_MODE_32; break;
      case Cpu::x86_64: mode = CS_MODE_64; break;
      case Cpu::arm: arch = CS_ARCH_ARM; mode = CS_MODE_ARM | order; break;
      case Cpu::arm64: arch = CS_ARCH_ARM64; mode = CS_MODE_LITTLE_ENDIAN; break;
      case Cpu::mips: arch = CS_ARCH_MIPS; mode = (image.wide ? CS_MODE_MIPS64 : CS_MODE_MIPS32) | order; break;
      case Cpu::ppc: arch = CS_ARCH_PPC; mode = CS_MODE_32 | order; break;
      case Cpu::ppc64: arch = CS_ARCH_PPC; mode = CS_MODE_64 | order; break;
      case Cpu::s390x: arch = CS_ARCH_SYSZ; mode = CS_MODE_BIG_ENDIAN; break;
    }
    mode_ = mode;
    if (cs_open(arch, static_cast<cs_mode>(mode), &handle_) != CS_ERR_OK) return;
    open_ = true;
    if (detail) cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
    insn_ = cs_malloc(handle_);
  }
  ~Decoder() {
    if (insn_) cs_free(insn_, 1);
    if (open_) cs_close(&handle_);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  bool open() const { return open_ && insn_; }

  void set_thumb(bool on) {
    if (image_.cpu == Cpu::arm && on != thumb_) {
      thumb_ = on;
      cs_option(handle_, CS_OPT_MODE, static_cast<std::size_t>(on ? (mode_ & ~CS_MODE_ARM) | CS_MODE_THUMB : mode_));
    }
  }
  std::size_t smallest() const {
    switch (image_.cpu) {
      case Cpu::x86: case Cpu::x86_64: return 1;
      case Cpu::s390x: return 2;
      case Cpu::arm: return thumb_ ? 2 : 4;
      default: return 4;
    }
  }
  /// Each instruction of a run; undecodable places are stepped over. `use` returns false to end.
  void each(base::Bytes bytes, std::uint64_t address, const std::function<void(std::uint64_t)>& before, const std::function<bool(const cs_insn&)>& use) {
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    while (left) {
      before(address);
      if (cs_disasm_iter(handle_, &at, &left, &address, insn_)) {
        if (!use(*insn_)) return;
        continue;
      }
      const auto skip = std::min(smallest(), left);
      at += skip;
      left -= skip;
      address += skip;
    }
  }

 private:
  const Image& image_;
  csh handle_ = 0;
  cs_insn* insn_ = nullptr;
  int mode_ = 0;
  bool open_ = false, thumb_ = false;
};

bool switches_to_thumb(const Image& image, std::uint64_t at) { return image.thumb.contains(at); }

/// Targets of direct calls, from the operand's text: the last number in it.
std::optional<std::uint64_t> call_target(const cs_insn& insn) {
  const std::string_view name = insn.mnemonic;
  if (name != "call" && name != "bl" && name != "jal" && name != "bal" && name != "brasl" && name != "blx") return std::nullopt;
  const std::string_view text = insn.op_str;
  const auto at = text.rfind("0x");
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t out = 0;
  const auto number = text.substr(at + 2);
  if (std::from_chars(number.data(), number.data() + number.size(), out, 16).ec != std::errc()) return std::nullopt;
  return out;
}

/// Incremental linkers on Windows call a table of jumps: where such a jump leads.
std::uint64_t behind_jump(const Image& image, std::uint64_t address) {
  if (image.cpu != Cpu::x86 && image.cpu != Cpu::x86_64) return address;
  const auto* r = image.region_at(address);
  if (!r || !r->code) return address;
  const auto b = base::slice(r->bytes, address - r->address, 5);
  if (b.size() < 5 || b[0] != 0xe9) return address;
  const auto by = static_cast<std::int32_t>(b[1] | b[2] << 8 | b[3] << 16 | static_cast<std::uint32_t>(b[4]) << 24);
  return address + 5 + static_cast<std::uint64_t>(static_cast<std::int64_t>(by));
}

void find_starts(Image& image, std::uint64_t& work) {
  Decoder decoder(image, false);
  std::set<std::uint64_t> found;
  for (const auto& r : image.regions)
    if (r.code)
      decoder.each(r.bytes, r.address, [&](std::uint64_t at) { if (image.starts.contains(at)) decoder.set_thumb(switches_to_thumb(image, at)); },
                   [&](const cs_insn& insn) {
                     ++work;
                     if (const auto target = call_target(insn)) found.insert(*target);
                     return true;
                   });
  for (const auto t : found) {
    const auto* r = image.region_at(t);
    if (!r || !r->code) continue;
    image.starts.insert(t);
    if (const auto real = behind_jump(image, t); real != t && image.region_at(real)) image.starts.insert(real);
  }
}

/// The name behind an address: a function, or a stub that jumps through a slot of the loader.
std::string name_at(const Image& image, Decoder& decoder, std::uint64_t address, std::map<std::uint64_t, std::string>& known) {
  if (image.cpu == Cpu::arm) address &= ~1ull;
  if (const auto f = image.functions.find(address); f != image.functions.end()) return f->second;
  if (image.elf_v2 && image.cpu == Cpu::ppc64 && address >= 8)  // calls inside a file go to the local entry, two instructions in
    if (const auto f = image.functions.find(address - 8); f != image.functions.end()) return f->second;
  if (const auto k = known.find(address); k != known.end()) return k->second;
  std::string out;
  if (const auto* r = image.region_at(address); r && r->code) {
    State state;
    const auto& family = family_of(image.cpu);
    family.enter(image, address, state);
    int count = 0;
    decoder.set_thumb(switches_to_thumb(image, address));
    decoder.each(base::slice(r->bytes, address - r->address, 64), address, [](std::uint64_t) {}, [&](const cs_insn& insn) {
      const auto effect = family.step(image, insn, state);
      if (effect.kind == Effect::Kind::jump && effect.target.kind == Value::Kind::loaded)
        if (const auto s = image.slots.find(static_cast<std::uint64_t>(effect.target.n)); s != image.slots.end()) out = s->second;
      if (effect.kind == Effect::Kind::jump && effect.target.kind == Value::Kind::constant)  // import thunks: jmp stub
        if (const auto f = image.functions.find(static_cast<std::uint64_t>(effect.target.n)); f != image.functions.end()) out = f->second;
      return effect.kind == Effect::Kind::none && ++count < 8;
    });
  }
  if (known.size() < 100000) known[address] = out;
  return out;
}

/// Code that follows an end and looks like the start of a function.
bool looks_like_start(const Image& image, const cs_insn& insn) {
  const std::string_view name = insn.mnemonic, text = insn.op_str;
  switch (image.cpu) {
    case Cpu::x86: return (name == "push" && text == "ebp") || name == "endbr32";
    case Cpu::x86_64: return (name == "push" && text == "rbp") || name == "endbr64" || (name == "sub" && text.starts_with("rsp,"));
    case Cpu::arm64: return (name == "stp" && text.starts_with("x29, x30")) || (name == "sub" && text.starts_with("sp, sp"));
    case Cpu::arm: return name == "push" && text.find("lr") != std::string_view::npos;
    case Cpu::mips: return (name == "addiu" && text.starts_with("$sp, $sp, -")) || (name == "lui" && text.starts_with("$gp,"));
    case Cpu::ppc: case Cpu::ppc64: return name == "mflr" || name == "stwu" || name == "stdu";
    case Cpu::s390x: return name == "stmg";
  }
  return false;
}

std::vector<Call> trace(const Image& image, std::uint64_t& work) {
  Decoder decoder(image, true), stubs(image, true);
  const auto& family = family_of(image.cpu);
  std::vector<Call> out;
  std::map<std::uint64_t, std::string> known;
  for (const auto& r : image.regions) {
    if (!r.code) continue;
    State state;
    std::uint64_t function = r.address;
    bool ended = true;
    std::optional<Value> waiting;  // a call whose delay slot is not yet done
    const auto finish = [&](Value target, std::uint64_t address) {
      Call c;
      c.function = function;
      c.address = address;
      if (target.kind == Value::Kind::loaded) {
        if (const auto s = image.slots.find(static_cast<std::uint64_t>(target.n)); s != image.slots.end()) c.name = s->second;
      }
      if (c.name.empty())
        if (const auto n = number_of(image, target)) {
          c.target = image.cpu == Cpu::arm ? *n & ~1ull : behind_jump(image, *n);
          c.name = name_at(image, stubs, c.target, known);
        }
      if (const auto own = image.own.find(c.name); !c.name.empty() && own != image.own.end() && !(image.elf_v2 && c.target == own->second + 8))
        c.target = own->second;  // a library calls itself by stubs; a local entry is no stub
      for (int i = 0; i < 5; ++i) c.arguments[static_cast<std::size_t>(i)] = family.argument(image, state, i);
      out.push_back(std::move(c));
      family.returned(image, state, {Value::Kind::result, static_cast<std::int64_t>(out.size() - 1)});
    };
    decoder.each(r.bytes, r.address,
                 [&](std::uint64_t at) {
                   if (!image.starts.contains(at)) return;
                   decoder.set_thumb(switches_to_thumb(image, at));
                   function = at;
                   ended = false;
                   waiting.reset();
                   state.forget();
                   family.enter(image, at, state);
                 },
                 [&](const cs_insn& insn) {
                   ++work;
                   if (ended && looks_like_start(image, insn) && function != insn.address) {
                     function = insn.address;
                     state.forget();
                     family.enter(image, function, state);
                   }
                   if (ended && !waiting && function != insn.address) forget_path(family, state);
                   ended = false;
                   const auto effect = family.step(image, insn, state);
                   if (waiting) {
                     finish(*waiting, insn.address - 4);
                     waiting.reset();
                   }
                   if (effect.kind == Effect::Kind::call) {
                     if (family.delay_slot) waiting = effect.target;
                     else finish(effect.target, insn.address);
                   } else if (effect.kind == Effect::Kind::jump && effect.target.kind == Value::Kind::constant &&
                              image.starts.contains(static_cast<std::uint64_t>(effect.target.n)) && static_cast<std::uint64_t>(effect.target.n) != function) {
                     finish(effect.target, insn.address);  // a tail call
                   }
                   if (effect.kind == Effect::Kind::end || effect.kind == Effect::Kind::jump) ended = true;
                   return out.size() < 1'000'000;
                 });
  }
  return out;
}

}  // namespace

Result<std::vector<Call>> calls_of(Image& image, std::uint64_t& work) {
  std::uint64_t code = 0;
  for (const auto& r : image.regions)
    if (r.code) code += r.bytes.size();
  if (code > most_code) return base::fail(Trouble::limit, "{} bytes of code, more than {}", code, most_code);
  if (!Decoder(image, false).open()) return base::fail(Trouble::bug, "the decoder can't be opened");
  find_starts(image, work);
  auto calls = trace(image, work);
  // main is only named as an argument of the C library's start.
  bool more = false;
  for (const auto& c : calls)
    if (c.name.starts_with("__libc_start_main") || c.name == "__libc_init" || c.name == "__uClibc_main")
      for (const auto& a : c.arguments)
        if (auto n = number_of(image, a)) {
          if (image.cpu == Cpu::ppc64 && !image.elf_v2) n = image.word_at(*n);  // a descriptor
          if (!n) continue;
          if (image.cpu == Cpu::arm && (*n & 1)) image.thumb.insert(--*n);
          const auto* r = image.region_at(*n);
          if (r && r->code) more |= image.starts.insert(*n).second;
        }
  if (more) calls = trace(image, work);
  return calls;
}

}  // namespace code::machine
