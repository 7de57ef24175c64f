#pragma once

#include "cli/key_selection.h"
#include "smime/public/signet/smime.h"
#include "smime/stream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace signet::cli {

// For whom and how a mail is encrypted, as the command line says it.
struct EncryptionRequest {
    std::vector<std::string> to;
    std::vector<std::string> certificates;  // files
    std::vector<std::string> bcc;
    std::string bcc_folder;
    std::string from;
    std::string cipher;
    bool no_self = false;
    bool oaep = false;
    bool protect_headers = false;
};

// A message names all of its recipients. Hence each of Bcc gets one of its own.
struct EncryptedMessage {
    std::string path;  // where it is written to
    std::vector<x509::Certificate> recipients;
};

// The certificates that are at hand: those of files first, and those of the tokens.
struct KnownCertificates {
    std::vector<x509::Certificate> files;
    std::vector<KeyEntry> entries;
};

// Whom to encrypt to: --to, else every certificate of --cert, else To and Cc of the mail. Where somebody is
// in Bcc, certificates alone name nobody: theirs is among them. The first message goes to `out`, those for
// Bcc into --bcc-out. `mail` is null for what is no mail.
class Addressees {
  public:
    static Result<Addressees> of(const EncryptionRequest& request, const smime::Source* mail);

    // Whether one has to be looked for on the tokens, the sender left out.
    [[nodiscard]] bool need_tokens(std::span<const x509::Certificate> files) const;
    // `note` says so when the sender will not be able to read it.
    [[nodiscard]] Result<std::vector<EncryptedMessage>> messages(const KnownCertificates& known,
                                                                 const std::string& out,
                                                                 std::string& note) const;

  private:
    explicit Addressees(const EncryptionRequest& request) : m_request(request) {}

    [[nodiscard]] Result<void> check(bool is_mail) const;
    [[nodiscard]] Result<std::vector<x509::Certificate>> own_certificates(
        const KnownCertificates& known) const;
    [[nodiscard]] Result<std::vector<x509::Certificate>> open_certificates(
        const KnownCertificates& known) const;

    const EncryptionRequest& m_request;
    bool m_open_to_all_files = false;
    std::vector<std::string> m_open;
    std::vector<std::string> m_hidden;
    std::vector<std::string> m_sender;
};

// Borrows the recipients.
mail::EncryptOptions encrypt_options(const EncryptionRequest& request,
                                     const std::vector<x509::Certificate>& recipients);
// By the names that --cipher knows.
const std::map<std::string, mail::Cipher>& ciphers();

}  // namespace signet::cli
