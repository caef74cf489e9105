// PKCS#11 URIs (RFC 7512): which token, which key, which module, and where its PIN is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sign {

struct TokenUri {
  // What must match; nothing = anything.
  std::optional<std::string> token, serial, manufacturer, model;   ///< of the token
  std::optional<std::string> object, id;                           ///< of the key: label, and bytes
  std::optional<unsigned long> slot;
  std::string module_path, module_name;
  std::optional<std::string> pin_value;
  std::string pin_source;                                          ///< a file, without "file:"

  /// Error: usage; its sentence never holds the PIN.
  static base::Result<TokenUri> parse(std::string_view uri);
  /// The shared object to load: the path, else the name, else $ASSAY_PKCS11_MODULE, else p11-kit's proxy.
  std::string module() const;
  /// For sentences: token and object.
  std::string shown() const;
};

}  // namespace sign
