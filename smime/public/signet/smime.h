#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#define SIGNET_SMIME_API __attribute__((visibility("default")))

// libsignet-smime: S/MIME (RFC 8551) for mails of any size.
//
// No operation needs more than a few MiB of memory; what must be read twice or withheld waits in an unlinked,
// encrypted file in $TMPDIR or /var/tmp. Only what is given to an operation is used: no configuration, no
// network, and no agent unless a key comes from its PKCS#11 module. Operations may run in several threads at
// once as long as they share nothing but Inputs and certificates.
//
// Certificates and keys are borrowed from the caller and never released here. Certificates of strangers and
// mails may hold anything; a null pointer in a list of certificates, or a value that an enumeration does not
// have, is an invalid_parameter. Running out of memory throws std::bad_alloc; nothing else is thrown, apart
// from what the caller's own Input, Output and functions throw.
namespace signet::mail {

enum class Code {
    ok,
    invalid_parameter,  // the call is wrong; detail says how
    not_found,          // not signed, not encrypted, or for none of the keys
    malformed,          // cannot be taken apart
    too_large,          // a bound on headers, parts, recipients or signers was exceeded
    unsupported,        // an algorithm that this OpenSSL, or this token, cannot do
    crypto,             // decryption or signing failed; one answer for every reason
    input_output,       // an Input, an Output or a temporary file failed
    ambiguous,          // a PKCS#11 URI fits several
    token_not_found,
    token_removed,
    key_not_found,
    pin_incorrect,
    pin_blocked,
    pin_required,
    cancelled,    // by the person who was asked for the PIN
    not_allowed,  // by policy
    timeout,
    agent_unavailable,  // what a key's `open` reports; without an agent signet-pkcs11.so has no token
    failed,             // the token, its module or its agent failed otherwise
};

// How an operation ended. Holds no secret.
struct [[nodiscard]] Status {
    Code code = Code::ok;
    std::string operation;         // what was tried
    std::string detail;            // in English, for logs and people
    std::int64_t native_code = 0;  // of a token CK_RV, of an Input or Output errno; 0 where there is none

    [[nodiscard]] bool ok() const { return code == Code::ok; }
};

// A mail as it came, read at any place and as often as needed.
class SIGNET_SMIME_API Input {
  public:
    Input() = default;
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;
    virtual ~Input();
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    // Fills `buffer` from `offset`; `count` is smaller than `capacity` only at size(), else the operation ends
    // with input_output. Any thread may call it.
    virtual Status read(std::uint64_t offset, char* buffer, std::size_t capacity,
                        std::size_t& count) const = 0;
};

// Takes octets in order. Its error ends the operation and is what the operation returns.
class SIGNET_SMIME_API Output {
  public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output();
    virtual Status write(std::string_view octets) = 0;
};

// Nobody reads what was written before the operation has ended well, so that it can be taken back.
class SIGNET_SMIME_API WithheldOutput : public Output {
  public:
    // Drops all that was written.
    virtual Status restart() = 0;
};

// A text that outlives it.
class SIGNET_SMIME_API TextInput final : public Input {
  public:
    explicit TextInput(std::string_view text) : m_text(text) {}
    [[nodiscard]] std::uint64_t size() const override { return m_text.size(); }
    Status read(std::uint64_t offset, char* buffer, std::size_t capacity, std::size_t& count) const override;

  private:
    std::string_view m_text;
};

class SIGNET_SMIME_API TextOutput final : public Output {
  public:
    Status write(std::string_view octets) override;
    [[nodiscard]] const std::string& text() const { return m_text; }

  private:
    std::string m_text;
};

// Of an open descriptor, which is duplicated: a regular file itself, which must not change; of anything else
// all that comes out of it, before the call returns.
SIGNET_SMIME_API Status open_input(int descriptor, std::unique_ptr<Input>& input);
// The descriptor is borrowed. What was written before an error of an operation must not be used.
SIGNET_SMIME_API std::unique_ptr<Output> output_to(int descriptor);

// Private keys behind a PKCS#11 module. Outlives the keys that it gave, and is used in one thread with them.
class SIGNET_SMIME_API Tokens {
  public:
    // `module` is the file name of the module: signet-pkcs11.so, or a vendor's.
    static Status open(const std::string& module, std::unique_ptr<Tokens>& tokens);
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;
    ~Tokens();

    // For modules that want the PIN from the program; with signet-pkcs11.so the agent asks for it. `uri` (RFC
    // 7512) names the token. A PIN is tried once.
    Status log_in(const std::string& uri, std::string_view pin);
    // The caller releases `key` with EVP_PKEY_free().
    Status private_key(const std::string& uri, EVP_PKEY*& key);

  private:
    struct Implementation;
    explicit Tokens(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> m_implementation;
};

enum class Digest { automatic, sha256, sha384, sha512 };
enum class Cipher { aes128_cbc, aes256_cbc, aes128_gcm, aes256_gcm };

struct SignOptions {
    X509* certificate = nullptr;
    EVP_PKEY* private_key = nullptr;  // of the certificate; it need not be exportable
    std::vector<X509*> chain;         // included in the signature
    Digest digest =
        Digest::automatic;  // what fits the key: SHA-384 for P-384, SHA-512 for P-521, else SHA-256
    bool pss = false;       // RSASSA-PSS, for RSA keys
    // Where mail for the signer should be encrypted to, when that is another certificate. Announced and
    // included.
    X509* encryption_certificate = nullptr;
    bool opaque = false;  // application/pkcs7-mime, or content inside, instead of a detached signature
    bool protect_headers = false;  // RFC 9788: signs the header fields too
};

// An RFC 5322 mail becomes multipart/signed, or with `opaque` application/pkcs7-mime. What is signed is made
// fit for every transport first.
//
// invalid_parameter: key and certificate do not belong together, or an option does not fit the key.
// malformed: no mail. Otherwise crypto, or what the key's token reported.
SIGNET_SMIME_API Status sign(const Input& mail, Output& out, const SignOptions& options);
// Any octets as they are; writes CMS: a detached signature in DER, or with `opaque` BER that holds the
// content.
SIGNET_SMIME_API Status sign_content(const Input& content, Output& out, const SignOptions& options);

struct EncryptOptions {
    std::vector<X509*> recipients;       // the sender among them, who else cannot read it
    Cipher cipher = Cipher::aes128_cbc;  // which every mail program reads
    bool oaep = false;                   // for RSA recipients RSAES-OAEP with SHA-256 instead of PKCS#1 v1.5
    bool protect_headers = false;        // RFC 9788: hides the Subject, encrypts the header fields too
    bool drop_bcc = false;  // leaves the Bcc field out; each Bcc recipient needs a mail of its own
};

// An RFC 5322 mail becomes application/pkcs7-mime. RSA recipients by key transport, EC recipients by ECDH.
//
// invalid_parameter: no recipients, or a certificate that is not meant for encryption. unsupported: keys of
// another kind. malformed: no mail.
SIGNET_SMIME_API Status encrypt(const Input& mail, Output& out, const EncryptOptions& options);
// Any octets as they are; writes CMS (BER).
SIGNET_SMIME_API Status encrypt_content(const Input& content, Output& out, const EncryptOptions& options);
// One of several messages made of a mail: a message names all of its recipients.
struct Message {
    Output* out = nullptr;
    EncryptOptions encryption;
};

// Signs a mail, then encrypts it. Of protect_headers, that of `encryption` counts.
SIGNET_SMIME_API Status sign_and_encrypt(const Input& mail, Output& out, const SignOptions& signature,
                                         const EncryptOptions& encryption);
// The same for each message, one at least; protect_headers is the same in all. The mail is signed once.
SIGNET_SMIME_API Status sign_and_encrypt(const Input& mail, const std::vector<Message>& messages,
                                         const SignOptions& signature);
// Signs a mail, encrypts it, and signs the result (RFC 2634).
SIGNET_SMIME_API Status triple_wrap(const Input& mail, const std::vector<Message>& messages,
                                    const SignOptions& inner, const SignOptions& outer);

// A mail that carries certificates and nothing else. `header`: its field lines, without Content-*.
SIGNET_SMIME_API Status certs_only(const std::vector<X509*>& certificates, std::string_view header,
                                   Output& out);
// The same as bare CMS in DER.
SIGNET_SMIME_API Status certs_only_content(const std::vector<X509*>& certificates, Output& out);

struct DecryptionKey {
    X509* certificate = nullptr;
    EVP_PKEY* private_key = nullptr;
    // Instead of private_key: called at most once, and only if the mail is for the certificate. `key` is
    // released with EVP_PKEY_free().
    std::function<Status(EVP_PKEY*& key)> open;
    // Instead of `certificate`, where there are many: its octets (DER). Only what a mail names certificates
    // by is read of them.
    std::string_view certificate_der = {};
};

// The mail with its outer header and the decrypted part as its body. Header fields that were encrypted too
// (RFC 9788) take the place of those of the same name; a From does only if it has the same address. Nothing is
// written before all of it is decrypted and, with AES-GCM, known to be what was encrypted.
//
// not_found: not encrypted, or not as a whole, or for none of the keys; detail says which, or names the
// recipients. crypto: it cannot be decrypted; one answer for every reason, so that nobody learns from it.
SIGNET_SMIME_API Status decrypt(const Input& mail, Output& out, const std::vector<DecryptionKey>& keys);
// Encrypted fields that nothing marks as the mail's are written where there are none of the name outside; the
// names of those that say something else than the ones outside, and are not written, go to `left_out`.
SIGNET_SMIME_API Status decrypt(const Input& mail, Output& out, const std::vector<DecryptionKey>& keys,
                                std::vector<std::string>& left_out);
// The content of CMS that stands alone: BER, DER, PEM or base64.
SIGNET_SMIME_API Status decrypt_content(const Input& cms, Output& out,
                                        const std::vector<DecryptionKey>& keys);
// The same without a second copy of the content: it is written while it is decrypted, and anew for each key
// that is tried.
SIGNET_SMIME_API Status decrypt_content(const Input& cms, WithheldOutput& out,
                                        const std::vector<DecryptionKey>& keys);

struct VerifyOptions {
    std::vector<X509*> trust_anchors;  // trusted as they stand, whether self-signed or not
    std::vector<X509*> intermediates;  // help to build paths
    bool use_system_store = false;     // OpenSSL's default anchors too
};

struct Signer {
    std::string status;  // a stable code: "good", "bad_signature", "untrusted_chain"; see signet(1)
    std::string reason;  // one sentence in English; empty when good
    std::shared_ptr<X509> certificate;  // null when it is not known
    std::vector<std::string> emails;    // of the certificate
    std::string signing_time;           // as the signer claims it: RFC 3339 in UTC, or empty
    std::string digest_algorithm;       // "sha256"
    // Where there is a path to an anchor: from the signer's certificate to it, and since when all of it has
    // been valid (RFC 3339 in UTC).
    std::vector<std::shared_ptr<X509>> chain;
    std::string chain_good_since;
};

struct SIGNET_SMIME_API Verification {
    // Every signer is, and there is no doubt about what was signed. Around encryption the status of good
    // signers is "signature_outside_encryption": it says who sent that, not who wrote what is inside.
    bool good = false;
    std::vector<Signer> signers;

    // The octets that were signed, also when they are not good. The Input must still be there.
    Status write_content(Output& out) const;

    struct Implementation;
    std::shared_ptr<const Implementation> implementation;
};

// Judges the signature of a mail: multipart/signed or application/pkcs7-mime. A signature that is wrong is no
// error but a verdict. not_found: the mail is not signed. malformed: not far enough to name signers.
SIGNET_SMIME_API Status verify(const Input& mail, const VerifyOptions& options, Verification& verification);
// A signature that stands alone (BER, DER, PEM or base64) on `content`; null: on the content inside.
SIGNET_SMIME_API Status verify_content(const Input& cms, const Input* content, const VerifyOptions& options,
                                       Verification& verification);

// What a part does to the parts in it. Codes are those of signet(1).
struct Layer {
    std::string kind;            // "signature", "encryption", "compression", "certificates", "unknown"
    std::string form;            // "multipart/signed", or as smime-type has it
    std::string algorithm;       // of encryption or compression
    bool opened = false;         // the first part in this one is what it protects
    bool good = false;           // of a signature: every signer is
    bool authenticated = false;  // of encryption: whoever changes it is noticed
    std::vector<Signer> signers;
};

struct Part {
    std::string path;  // "1", "1.2"; what a layer protects has a path below it
    std::string type;  // "text/plain"
    std::string file_name;
    std::uint64_t size = 0;  // as it is encoded
    bool attachment = false;
    bool not_authenticated = false;  // do not load remote content from it
    // Hidden header fields were copied into its text (RFC 9788); write_part() leaves them out.
    bool legacy_display = false;
    std::vector<std::string> layers;  // paths of the parts whose layers are around it, outermost first
    std::shared_ptr<Layer> layer;     // null when it has none
    std::vector<Part> parts;
};

// A field of a protected header (RFC 9788 and what was in use before it).
struct HeaderField {
    std::string name;
    std::string value;      // protected
    std::string outside;    // what stands in its place outside
    std::string agreement;  // "same", "hidden", "different", "outside_only"
};

struct Finding {
    std::string code;
    std::string path;    // of the part
    std::string reason;  // one sentence in English
};

struct SIGNET_SMIME_API Report {
    Part mail;
    // All of the mail is signed, by each of these, and nothing speaks against it. Else empty.
    std::vector<Signer> signed_by;
    bool encrypted = false;          // the whole mail
    bool not_authenticated = false;  // any part of it
    std::string header_protection;   // "hp-clear", "hp-cipher", "protected-headers-v1", "wrapped", or empty
    bool header_is_signed = false;   // by signed_by
    std::vector<HeaderField> header_fields;
    std::vector<Finding> findings;

    // The content of a part, its transfer encoding taken off. not_found: no such part. The Input must still
    // be there.
    Status write_part(const std::string& path, Output& out) const;

    struct Implementation;
    std::shared_ptr<const Implementation> implementation;
};

struct ReadOptions {
    VerifyOptions trust;
    std::vector<DecryptionKey> keys;  // without one that fits, encrypted parts stay closed
};

// Takes a mail apart, part by part and layer by layer, and judges all of it. What is wrong with a part is a
// finding; errors are those of the Input, no mail at all, and a cancelled PIN prompt.
SIGNET_SMIME_API Status read(const Input& mail, const ReadOptions& options, Report& report);

}  // namespace signet::mail
