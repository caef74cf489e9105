#include "sign/pkcs11_session.h"

#include <dlfcn.h>

#include <array>
#include <fstream>
#include <map>

namespace sign {

using base::Trouble;

namespace {

// Fixed-length texts of PKCS #11 end in spaces.
template <std::size_t N>
std::string unpadded(const unsigned char (&text)[N]) {
  std::string out(reinterpret_cast<const char*>(text), N);
  out.erase(out.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return out;
}

bool matches(const std::optional<std::string>& wanted, const std::string& is) { return !wanted || *wanted == is; }

base::Result<std::string> pin_from(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return base::fail(Trouble::usage, "the PIN's file {} can't be read", base::printable(file));
  return line;
}

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string name_of_answer(CK_RV answer) {
  switch (answer) {
    case CKR_PIN_INCORRECT: return "the PIN is wrong";
    case CKR_PIN_LOCKED: return "the PIN is locked";
    case CKR_PIN_LEN_RANGE: return "the PIN is too short or too long";
    case CKR_USER_PIN_NOT_INITIALIZED: return "its PIN has not been set";
    case CKR_MECHANISM_INVALID: return "it can't do that kind of key";
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_DEVICE_REMOVED: return "it was taken out";
    case CKR_TOKEN_WRITE_PROTECTED: return "it can't be written";
    case CKR_KEY_FUNCTION_NOT_PERMITTED: return "the key may not sign";
    case CKR_SESSION_HANDLE_INVALID: return "the session has ended";
    case CKR_DEVICE_ERROR: return "the device failed";
    case CKR_DEVICE_MEMORY: return "it is full";
    default: return fmt::format("PKCS #11 error 0x{:x}", answer);
  }
}

base::Result<std::shared_ptr<Module>> Module::load(const std::string& name) {
  static std::mutex lock;
  static std::map<std::string, std::weak_ptr<Module>> loaded;
  const std::scoped_lock hold(lock);
  if (auto there = loaded[name].lock()) return there;
  std::shared_ptr<Module> out(new Module);
  // Never unloaded: modules leave functions behind that run when the process ends.
  out->library_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!out->library_) return base::fail(Trouble::usage, "the PKCS #11 module {} can't be loaded; name one with module-path= in the URI or in ASSAY_PKCS11_MODULE", base::printable(name));
  const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(out->library_, "C_GetFunctionList"));
  if (!get || get(&out->functions_) != CKR_OK || !out->functions_) return base::fail(Trouble::usage, "{} is no PKCS #11 module", base::printable(name));
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const auto answer = out->functions_->C_Initialize(&arguments);
  if (answer != CKR_OK && answer != CKR_CRYPTOKI_ALREADY_INITIALIZED) return base::fail(Trouble::usage, "the PKCS #11 module {} does not start: {}", base::printable(name), name_of_answer(answer));
  out->ours_ = answer == CKR_OK;
  loaded[name] = out;
  return out;
}

Module::~Module() {
  if (ours_) functions_->C_Finalize(nullptr);
  if (library_) dlclose(library_);
}

Template& Template::add(CK_ATTRIBUTE_TYPE type, base::Bytes value) {
  values_.emplace_back(type, base::Buffer(value.begin(), value.end()));
  return *this;
}

Template& Template::add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) { return add(type, base::Bytes(reinterpret_cast<const std::uint8_t*>(&value), sizeof value)); }

Template& Template::add_flag(CK_ATTRIBUTE_TYPE type, bool value) {
  const std::uint8_t flag = value ? CK_TRUE : CK_FALSE;
  return add(type, base::Bytes(&flag, 1));
}

std::vector<CK_ATTRIBUTE> Template::attributes() {
  std::vector<CK_ATTRIBUTE> out;
  for (auto& [type, value] : values_) out.push_back({type, value.data(), static_cast<CK_ULONG>(value.size())});
  return out;
}

std::unexpected<base::Error> Session::trouble(std::string_view what, CK_RV answer) const { return base::fail(Trouble::usage, "{} {}: {}", shown_, what, name_of_answer(answer)); }

base::Result<> Session::choose(const TokenUri& uri) {
  shown_ = uri.shown();
  std::array<CK_SLOT_ID, 256> slots{};
  CK_ULONG count = slots.size();
  if (const auto answer = f_->C_GetSlotList(CK_TRUE, slots.data(), &count); answer != CKR_OK) return trouble("can't be looked for", answer);
  std::string others;
  std::size_t found = 0;
  for (CK_ULONG i = 0; i < count && i < slots.size(); ++i) {
    CK_TOKEN_INFO info{};
    if (f_->C_GetTokenInfo(slots[i], &info) != CKR_OK || !(info.flags & CKF_TOKEN_INITIALIZED)) continue;
    const auto label = unpadded(info.label);
    if (others.size() < 200) others += (others.empty() ? "" : ", ") + base::printable(label);
    if (!matches(uri.token, label) || !matches(uri.serial, unpadded(info.serialNumber)) || !matches(uri.manufacturer, unpadded(info.manufacturerID)) || !matches(uri.model, unpadded(info.model)) || (uri.slot && *uri.slot != slots[i])) continue;
    ++found;
    slot_ = slots[i];
    token_ = info;
  }
  if (found == 0) return base::fail(Trouble::usage, "{} is not there; {}", shown_, others.empty() ? "the module shows none" : "the module shows: " + others);
  if (found > 1) return base::fail(Trouble::usage, "{} tokens fit the pkcs11 URI; name one with token= or serial=", found);
  shown_ = fmt::format("the token '{}'", base::printable(unpadded(token_.label)));
  return {};
}

base::Result<> Session::log_in(const TokenUri& uri, const AskSecret& ask) {
  if (!(token_.flags & CKF_LOGIN_REQUIRED)) return {};
  if (token_.flags & CKF_USER_PIN_LOCKED) return base::fail(Trouble::usage, "{}: its PIN is locked", shown_);
  CK_RV answer = CKR_OK;
  if (token_.flags & CKF_PROTECTED_AUTHENTICATION_PATH) {
    answer = f_->C_Login(session_, CKU_USER, nullptr, 0);   // typed on the device
  } else {
    pin_ = TRY(uri.pin_value ? base::Result<std::string>(*uri.pin_value) : uri.pin_source.empty() ? ask("PIN of " + shown_) : pin_from(uri.pin_source));
    answer = f_->C_Login(session_, CKU_USER, bytes_of(pin_), pin_.size());
  }
  if (answer == CKR_OK || answer == CKR_USER_ALREADY_LOGGED_IN) return {};
  // Never tried again: a few wrong ones lock a token for good.
  return base::fail(Trouble::usage, "{} did not open: {}{}", shown_, name_of_answer(answer), token_.flags & CKF_USER_PIN_FINAL_TRY ? "; that was the last try it allows" : "");
}

base::Result<std::unique_ptr<Session>> Session::open(const TokenUri& uri, bool writing, const AskSecret& ask) {
  std::unique_ptr<Session> out(new Session);
  out->module_ = TRY(Module::load(uri.module()));
  out->f_ = &out->module_->functions();
  CHECK_OK(out->choose(uri));
  const auto answer = out->f_->C_OpenSession(out->slot_, CKF_SERIAL_SESSION | (writing ? CKF_RW_SESSION : 0), nullptr, nullptr, &out->session_);
  if (answer != CKR_OK) return out->trouble("did not open", answer);
  CHECK_OK(out->log_in(uri, ask));
  return out;
}

Session::~Session() {
  if (session_ != CK_INVALID_HANDLE) f_->C_CloseSession(session_);
  wipe(pin_);
}

base::Result<std::vector<CK_OBJECT_HANDLE>> Session::find(Template wanted, std::size_t most) {
  const std::scoped_lock hold(lock_);
  auto attributes = wanted.attributes();
  if (const auto answer = f_->C_FindObjectsInit(session_, attributes.data(), attributes.size()); answer != CKR_OK) return trouble("can't be searched", answer);
  std::vector<CK_OBJECT_HANDLE> out(most);
  CK_ULONG count = 0;
  const auto answer = f_->C_FindObjects(session_, out.data(), most, &count);
  f_->C_FindObjectsFinal(session_);
  if (answer != CKR_OK) return trouble("can't be searched", answer);
  out.resize(std::min<std::size_t>(count, most));
  return out;
}

std::optional<base::Buffer> Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  const std::scoped_lock hold(lock_);
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  if (f_->C_GetAttributeValue(session_, object, &attribute, 1) != CKR_OK || attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION || attribute.ulValueLen > 65'536) return std::nullopt;
  base::Buffer out(attribute.ulValueLen);
  attribute.pValue = out.data();
  if (out.empty() || f_->C_GetAttributeValue(session_, object, &attribute, 1) != CKR_OK || attribute.ulValueLen > out.size()) return std::nullopt;
  out.resize(attribute.ulValueLen);
  return out;
}

base::Result<base::Buffer> Session::sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE kind, base::Bytes message, bool again) {
  const std::scoped_lock hold(lock_);
  CK_MECHANISM mechanism{kind, nullptr, 0};
  if (const auto answer = f_->C_SignInit(session_, &mechanism, key); answer != CKR_OK) return trouble("did not sign", answer);
  if (again)
    if (const auto answer = f_->C_Login(session_, CKU_CONTEXT_SPECIFIC, pin_.empty() ? nullptr : bytes_of(pin_), pin_.size()); answer != CKR_OK) return trouble("did not sign", answer);
  base::Buffer input(message.begin(), message.end());   // the interface takes it as writable
  base::Buffer out(256);
  CK_ULONG size = out.size();
  if (const auto answer = f_->C_Sign(session_, input.data(), input.size(), out.data(), &size); answer != CKR_OK) return trouble("did not sign", answer);
  out.resize(std::min<std::size_t>(size, out.size()));
  return out;
}

base::Result<std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE>> Session::generate(CK_MECHANISM_TYPE kind, Template public_part, Template private_part) {
  const std::scoped_lock hold(lock_);
  CK_MECHANISM mechanism{kind, nullptr, 0};
  auto of_public = public_part.attributes(), of_private = private_part.attributes();
  std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> out;
  const auto answer = f_->C_GenerateKeyPair(session_, &mechanism, of_public.data(), of_public.size(), of_private.data(), of_private.size(), &out.first, &out.second);
  if (answer != CKR_OK) return trouble("made no key", answer);
  return out;
}

}  // namespace sign
