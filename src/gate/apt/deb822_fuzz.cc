// Stanzas lie within the text, and what apt's hook says never crashes.
#include <cstdlib>

#include "base/bytes.h"
#include "gate/apt/deb822.h"
#include "gate/apt/hook.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = base::text_of({data, size});
  if (const auto stanzas = gate::read_deb822(text))
    for (const auto& s : *stanzas) {
      if (s.raw.data() < text.data() || s.raw.data() + s.raw.size() > text.data() + text.size() || s.fields.empty()) std::abort();
      (void)s.ambiguous();
      (void)gate::read_file_list(s.text("SHA256"));
    }
  (void)gate::without_signature(text);
  (void)gate::read_hook(text);
  return 0;
}
