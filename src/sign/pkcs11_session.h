// A PKCS#11 module, and one logged-in session with one of its tokens. Inside this room.
//
// Threads: a session may be used by many; each sequence of calls that belongs together holds its lock.
#pragma once

#include <p11-kit-1/p11-kit/pkcs11.h>

#include <memory>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "sign/key.h"
#include "sign/pkcs11_uri.h"

namespace sign {

/// "CKR_PIN_INCORRECT" and the like.
std::string name_of_answer(CK_RV answer);

/// A module is loaded once in a process and given back when its last user goes.
class Module {
 public:
  static base::Result<std::shared_ptr<Module>> load(const std::string& name);
  ~Module();
  Module(const Module&) = delete;
  const CK_FUNCTION_LIST& functions() const { return *functions_; }

 private:
  Module() = default;
  void* library_ = nullptr;
  CK_FUNCTION_LIST* functions_ = nullptr;
  bool ours_ = false;   ///< we initialised it, so we finalise it
};

/// An attribute list for a search or a new object: keeps what it points to.
class Template {
 public:
  Template& add(CK_ATTRIBUTE_TYPE type, base::Bytes value);
  Template& add(CK_ATTRIBUTE_TYPE type, std::string_view text) { return add(type, base::bytes_of(text)); }
  Template& add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Template& add_flag(CK_ATTRIBUTE_TYPE type, bool value);
  std::vector<CK_ATTRIBUTE> attributes();

 private:
  std::vector<std::pair<CK_ATTRIBUTE_TYPE, base::Buffer>> values_;
};

class Session {
 public:
  /// The one token that the URI names; logged in when it wants that. Error: usage: no such token, more than
  /// one, wrong PIN.
  static base::Result<std::unique_ptr<Session>> open(const TokenUri& uri, bool writing, const AskSecret& ask);
  ~Session();

  base::Result<std::vector<CK_OBJECT_HANDLE>> find(Template wanted, std::size_t most = 16);
  /// Nothing where the object does not have it, or does not give it out.
  std::optional<base::Buffer> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  /// `again`: the key wants its PIN before every use.
  base::Result<base::Buffer> sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism, base::Bytes message, bool again);
  base::Result<std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE>> generate(CK_MECHANISM_TYPE mechanism, Template public_part, Template private_part);
  const std::string& shown() const { return shown_; }

 private:
  Session() = default;
  base::Result<> choose(const TokenUri& uri);
  base::Result<> log_in(const TokenUri& uri, const AskSecret& ask);
  std::unexpected<base::Error> trouble(std::string_view what, CK_RV answer) const;

  std::shared_ptr<Module> module_;
  const CK_FUNCTION_LIST* f_ = nullptr;
  std::mutex lock_;
  CK_SLOT_ID slot_ = 0;
  CK_TOKEN_INFO token_{};
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
  std::string pin_;      ///< kept for keys that want it again; wiped
  std::string shown_;
};

}  // namespace sign
