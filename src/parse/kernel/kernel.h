// Headers of Linux kernel images: x86 bzImage, ARM zImage, ARM64 and RISC-V Image, EFI zboot.
// https://docs.kernel.org/arch/x86/boot.html, arch/arm64/booting.html, arch/riscv/boot-image-header.html,
// arch/arm/boot/compressed/head.S and drivers/firmware/efi/libstub/zboot-header.S of Linux.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace parse::kernel {

enum class Form { x86, arm, arm64, riscv, zboot };

struct Image {
  Form form = Form::x86;
  std::string detail;
  std::string version;                  ///< as an x86 image writes it
  std::uint64_t setup = 0;              ///< x86: bytes of real-mode code in front
  std::uint64_t end = 0;                ///< of the image, as its header says
  std::optional<base::Range> payload;   ///< where the header says it; else it has to be searched
  std::optional<base::Range> certificates;  ///< of a PE around it
  bool packed = true;                   ///< false where the image is the kernel itself
};

std::optional<Image> read(base::Bytes bytes);

}  // namespace parse::kernel
