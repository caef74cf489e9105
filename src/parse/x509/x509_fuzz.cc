#include "parse/pem/pem.h"
#include "parse/x509/private_key.h"
#include "parse/x509/x509.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const base::Bytes input(bytes, size);
  (void)parse::x509::read_certificate(input);
  (void)parse::x509::read_private_key(input);
  (void)parse::x509::read_openssh_key(input);
  (void)parse::x509::read_ssh_public_key(input);
  for (const auto& block : parse::pem::find(input)) {
    if (block.range.end() > size) __builtin_trap();
    (void)parse::x509::read_private_key(block);
  }
  return 0;
}
