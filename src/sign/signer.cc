// Private keys from PEM, new ones, and their files.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "sign/openssl.h"
#include "sign/pkcs11.h"

namespace sign {

using base::Trouble;

namespace {

constexpr std::size_t most_key_bytes = 65'536;

// Wipes what it holds when it goes.
struct Secret {
  std::string text;
  Secret() = default;
  explicit Secret(std::string given) : text(std::move(given)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(text); }
};

class PemSigner final : public Signer {
 public:
  PemSigner(Pkey key, PublicKey public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
  const PublicKey& public_key() const override { return public_; }
  base::Result<base::Buffer> sign(base::Bytes message) const override {
    const DigestContext context(EVP_MD_CTX_new());
    const auto* digest = public_.algorithm() == Algorithm::ed25519 ? nullptr : EVP_sha256();
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1)
      return base::fail(Trouble::bug, "OpenSSL can't sign with {}", name_of(public_.algorithm()));
    base::Buffer out(size);
    if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) return base::fail(Trouble::bug, "OpenSSL did not sign");
    out.resize(size);
    return out;
  }

 private:
  Pkey key_;   // OpenSSL wipes it when it is freed; its functions may share it among threads
  PublicKey public_;
};

// What OpenSSL's question for a passphrase carries: it may ask more than once, the user is asked once.
struct Question {
  const AskSecret& ask;
  std::string what;
  std::optional<base::Error> error;
  Secret answer;
  bool asked = false;
};

int answer_of(char* buffer, int size, int, void* given) {
  auto& q = *static_cast<Question*>(given);
  if (!q.asked) {
    q.asked = true;
    auto answer = q.ask(q.what);
    if (answer) q.answer.text = std::move(*answer);
    else q.error = std::move(answer.error());
  }
  if (q.error || q.answer.text.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, q.answer.text.data(), q.answer.text.size());
  return static_cast<int>(q.answer.text.size());
}

base::Result<Pkey> make_key(Algorithm algorithm) {
  Pkey key(algorithm == Algorithm::ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519") : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return base::fail(Trouble::bug, "OpenSSL can't make a key for {}", name_of(algorithm));
  return key;
}

// PKCS#8 in PBES2 (RFC 8018) with scrypt (RFC 7914): N=2^14, r=8, p=5. N is the largest that every
// OpenSSL reads back under its default memory limit; p makes up for it.
base::Result<> write_encrypted(BIO* out, const EVP_PKEY* key, std::string_view passphrase) {
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freed<PKCS8_PRIV_KEY_INFO_free>> clear(EVP_PKEY2PKCS8(key));
  std::array<std::uint8_t, 16> salt{}, iv{};
  if (!clear || RAND_bytes(salt.data(), salt.size()) != 1 || RAND_bytes(iv.data(), iv.size()) != 1) return base::fail(Trouble::bug, "OpenSSL has no random numbers");
  auto* pbe = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt.data(), salt.size(), iv.data(), 16384, 8, 5);
  if (!pbe) return base::fail(Trouble::bug, "OpenSSL can't set up scrypt");
  const std::unique_ptr<X509_SIG, Freed<X509_SIG_free>> sealed(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), clear.get(), pbe));
  if (!sealed) {
    X509_ALGOR_free(pbe);   // not taken over
    return base::fail(Trouble::bug, "OpenSSL did not encrypt the key");
  }
  if (PEM_write_bio_PKCS8(out, sealed.get()) != 1) return base::fail(Trouble::bug, "OpenSSL did not write the key");
  return {};
}

base::Result<Secret> read_key_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return base::fail(Trouble::usage, "the key {} can't be opened: {}", base::printable(file), std::strerror(errno));
  std::string text(most_key_bytes + 1, '\0');
  std::size_t have = 0;
  ssize_t n = 0;
  while (have < text.size() && ((n = ::read(fd, text.data() + have, text.size() - have)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0) have += static_cast<std::size_t>(n);
  ::close(fd);
  if (n < 0 || have > most_key_bytes) {
    wipe(text);
    return base::fail(Trouble::usage, "the key {} can't be read", base::printable(file));
  }
  OPENSSL_cleanse(text.data() + have, text.size() - have);
  text.resize(have);
  return base::Result<Secret>(std::in_place, std::move(text));
}

}  // namespace

void wipe(std::string& secret) {
  secret.resize(secret.capacity());
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

base::Result<std::unique_ptr<Signer>> signer_from_pem(std::string_view pem, std::string_view source, const AskSecret& ask) {
  const auto name = base::printable(source);
  if (pem.size() > most_key_bytes || pem.find("PRIVATE KEY-----") == std::string_view::npos)
    return base::fail(Trouble::usage, "{} holds no private key in PEM", name);
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Question question{ask, "Passphrase of " + name, {}, {}, false};
  Pkey key(text ? PEM_read_bio_PrivateKey(text.get(), nullptr, answer_of, &question) : nullptr);
  ERR_clear_error();
  if (question.error) return std::unexpected(*question.error);
  if (!key && question.asked) return base::fail(Trouble::usage, "{} did not open: wrong passphrase, or damaged", name);
  if (!key) return base::fail(Trouble::usage, "{} holds no private key that can be read", name);
  auto public_key = public_half(key.get());
  if (!public_key) {
    public_key.error().where = name;
    return std::unexpected(public_key.error());
  }
  const PkeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  const bool sound = check && EVP_PKEY_pairwise_check(check.get()) == 1;
  ERR_clear_error();
  if (!sound) return base::fail(Trouble::usage, "{}: the private and the public half do not belong together", name);
  return std::make_unique<PemSigner>(std::move(key), std::move(*public_key));
}

base::Result<std::unique_ptr<Signer>> open_signer(const std::string& reference, const AskSecret& ask) {
  if (reference.starts_with("pkcs11:")) return open_token(reference, ask);
  const auto pem = read_key_file(reference);
  if (!pem) return std::unexpected(pem.error());
  return signer_from_pem(pem->text, reference, ask);
}

base::Result<std::string> generate(Algorithm algorithm, std::string_view passphrase) {
  if (passphrase.size() > 1024) return base::fail(Trouble::usage, "the passphrase is longer than 1,024 bytes");
  const auto key = TRY(make_key(algorithm));
  const Bio out(BIO_new(BIO_s_secmem()));
  if (!out) return base::fail(Trouble::bug, "out of memory");
  if (!passphrase.empty()) CHECK_OK(write_encrypted(out.get(), key.get(), passphrase));
  else if (PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return base::fail(Trouble::bug, "OpenSSL did not write the key");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

base::Result<> write_key_file(const std::string& file, std::string_view pem, KeyFile kind, bool replace) {
  const auto trouble = [&](std::string_view what) { return base::fail(Trouble::usage, "{} can't be {}: {}", base::printable(file), what, std::strerror(errno)); };
  const mode_t mode = kind == KeyFile::private_key ? 0600 : 0644;
  // A temporary file beside it, linked or renamed into place: no half of a key is ever seen, and link()
  // fails where the name is taken.
  std::string temporary = file + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return trouble("written");
  std::size_t done = 0;
  while (done < pem.size()) {
    const auto n = ::write(fd, pem.data() + done, pem.size() - done);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  const bool written = done == pem.size() && ::fchmod(fd, mode) == 0 && ::fsync(fd) == 0;
  const int placed = !written ? -1 : replace ? ::rename(temporary.c_str(), file.c_str()) : ::link(temporary.c_str(), file.c_str());
  const int why = errno;
  ::close(fd);
  if (placed != 0 || !replace) ::unlink(temporary.c_str());
  errno = why;
  if (placed != 0 && why == EEXIST) return base::fail(Trouble::usage, "{} exists already; a key is never overwritten without --force", base::printable(file));
  if (placed != 0) return trouble("written");
  const auto slash = file.rfind('/');
  const int folder = ::open(slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool kept = folder >= 0 && ::fsync(folder) == 0;
  if (folder >= 0) ::close(folder);
  if (!kept) return trouble("made durable");
  return {};
}

}  // namespace sign
