#include "cli/encryption.h"

#include "cli/library.h"
#include "cli/recipients.h"
#include "cli/sender.h"
#include "cli/terminal.h"

#include <algorithm>

namespace signet::cli {
namespace {

// An address as a file name. Only what a folder or the shell's eye could mistake is escaped.
std::string file_name_of(const std::string& address) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string name;
    for (const char c : address) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet <= ' ' || octet == 0x7f || c == '/' || c == '%' || (c == '.' && name.empty())) {
            name += {'%', digits[octet >> 4], digits[octet & 0xf]};
        } else {
            name += c;
        }
    }
    return name + ".eml";
}

void add_all(std::vector<x509::Certificate>& recipients, const std::vector<x509::Certificate>& more) {
    for (const auto& certificate : more) {
        add_recipient(recipients, certificate);
    }
}

Result<std::vector<x509::Certificate>> certificates_for(const std::vector<std::string>& addresses,
                                                        const KnownCertificates& known) {
    std::vector<x509::Certificate> certificates;
    for (const auto& address : addresses) {
        SIGNET_TRY(auto certificate, choose_recipient(address, known.files, known.entries, current_time()));
        add_recipient(certificates, std::move(certificate));
    }
    return certificates;
}

// Whoever sends it reads it then, whatever address they send from.
bool is_for_a_token(const EncryptedMessage& message, std::span<const KeyEntry> entries) {
    return std::any_of(entries.begin(), entries.end(), [&](const KeyEntry& entry) {
        return entry.certificate && key_can(*entry.key, Purpose::decrypt) &&
               contains(message.recipients, *entry.certificate);
    });
}

bool any_is_for_a_token(std::span<const EncryptedMessage> messages, std::span<const KeyEntry> entries) {
    return std::any_of(messages.begin(), messages.end(),
                       [&](const EncryptedMessage& message) { return is_for_a_token(message, entries); });
}

}  // namespace

Result<Addressees> Addressees::of(const EncryptionRequest& request, const smime::Source* mail) {
    Addressees result(request);
    result.m_open = request.to;
    result.m_hidden = request.bcc;
    if (!request.from.empty()) {
        result.m_sender = {request.from};
    }
    if (mail != nullptr) {
        SIGNET_TRY(const auto hidden, addresses_in(*mail, {"Bcc"}));
        result.m_hidden.insert(result.m_hidden.end(), hidden.begin(), hidden.end());
        if (request.from.empty() && !request.no_self) {
            result.m_sender = sender_addresses(*mail).value_or(std::vector<std::string>());
        }
    }
    const bool hidden = !result.m_hidden.empty();
    result.m_open_to_all_files = request.to.empty() && !request.certificates.empty() && !hidden;
    if (mail != nullptr && request.to.empty() && !result.m_open_to_all_files) {
        SIGNET_TRY(result.m_open, addresses_in(*mail, {"To", "Cc"}));
    }
    SIGNET_CHECK(result.check(mail != nullptr));
    return result;
}

Result<void> Addressees::check(bool is_mail) const {
    if (!m_hidden.empty() && m_request.bcc_folder.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt",
                       "for Bcc (" + joined(m_hidden, ", ") +
                           ") each recipient gets a message of their own: name a folder for them with "
                           "--bcc-out");
    }
    // Nothing tells the certificates of the others from those of Bcc.
    if (!m_hidden.empty() && !is_mail && m_open.empty() && !m_request.certificates.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt",
                       "with --bcc and --cert name the recipients that everybody may see with --to");
    }
    if (m_open.empty() && m_hidden.empty() && !m_open_to_all_files) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "name the recipients with --to or --cert");
    }
    return {};
}

bool Addressees::need_tokens(std::span<const x509::Certificate> files) const {
    const auto unknown = [&](const std::string& address) { return !any_holds(files, address); };
    return std::any_of(m_open.begin(), m_open.end(), unknown) ||
           std::any_of(m_hidden.begin(), m_hidden.end(), unknown) || !m_request.from.empty();
}

Result<std::vector<x509::Certificate>> Addressees::own_certificates(const KnownCertificates& known) const {
    if (m_request.no_self) {
        return std::vector<x509::Certificate>();
    }
    auto own = certificates_for(m_sender, known);
    // A key for --from was asked for; one for the mail's From is wished for.
    if (!own && m_request.from.empty() && own.error().code == ErrorCode::not_found) {
        return std::vector<x509::Certificate>();
    }
    return own;
}

Result<std::vector<x509::Certificate>> Addressees::open_certificates(const KnownCertificates& known) const {
    if (!m_open_to_all_files) {
        return certificates_for(m_open, known);
    }
    SIGNET_CHECK(check_recipients(known.files, current_time()));
    std::vector<x509::Certificate> all;
    add_all(all, known.files);
    return all;
}

Result<std::vector<EncryptedMessage>> Addressees::messages(const KnownCertificates& known,
                                                           const std::string& out, std::string& note) const {
    SIGNET_TRY(const auto self, own_certificates(known));
    std::vector<EncryptedMessage> messages;
    EncryptedMessage open{.path = out, .recipients = {}};
    SIGNET_TRY(open.recipients, open_certificates(known));
    if (!open.recipients.empty()) {
        add_all(open.recipients, self);
        messages.push_back(std::move(open));
    }
    for (const auto& address : m_hidden) {
        EncryptedMessage hidden{.path = m_request.bcc_folder + "/" + file_name_of(address), .recipients = {}};
        SIGNET_TRY(hidden.recipients, certificates_for({address}, known));
        add_all(hidden.recipients, self);
        messages.push_back(std::move(hidden));
    }
    if (!m_request.no_self && self.empty() && !any_is_for_a_token(messages, known.entries)) {
        note = "the sender cannot read the result: no certificate to encrypt to is known for " +
               (m_sender.empty() ? "them" : joined(m_sender, ", ")) + "; --no-self says that this is meant";
    }
    return messages;
}

mail::EncryptOptions encrypt_options(const EncryptionRequest& request,
                                     const std::vector<x509::Certificate>& recipients) {
    mail::EncryptOptions options{.recipients = borrowed(recipients)};
    if (!request.cipher.empty()) {
        options.cipher = ciphers().at(request.cipher);
    }
    options.oaep = request.oaep;
    options.protect_headers = request.protect_headers;
    // With a message for each of them, whoever sends must not read the field.
    options.drop_bcc = !request.bcc_folder.empty();
    return options;
}

const std::map<std::string, mail::Cipher>& ciphers() {
    static const std::map<std::string, mail::Cipher> names{{"aes128_cbc", mail::Cipher::aes128_cbc},
                                                           {"aes256_cbc", mail::Cipher::aes256_cbc},
                                                           {"aes128_gcm", mail::Cipher::aes128_gcm},
                                                           {"aes256_gcm", mail::Cipher::aes256_gcm}};
    return names;
}

}  // namespace signet::cli
