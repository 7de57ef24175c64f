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
        if (request.to.empty() && request.certificates.empty()) {
            SIGNET_TRY(result.m_open, addresses_in(*mail, {"To", "Cc"}));
        }
        if (request.from.empty() && !request.no_self) {
            result.m_sender = sender_addresses(*mail).value_or(std::vector<std::string>());
        }
    }
    if (!result.m_hidden.empty() && request.bcc_folder.empty()) {
        return failure(
            ErrorCode::invalid_parameter, "encrypt",
            "for Bcc (" + joined(result.m_hidden, ", ") +
                ") each recipient gets a message of their own: name a folder for them with --bcc-out");
    }
    if (result.m_open.empty() && result.m_hidden.empty() && request.certificates.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "name the recipients with --to or --cert");
    }
    return result;
}

bool Addressees::need_tokens(std::span<const x509::Certificate> files) const {
    const auto unknown = [&](const std::string& address) { return !any_holds(files, address); };
    return std::any_of(m_open.begin(), m_open.end(), unknown) ||
           std::any_of(m_hidden.begin(), m_hidden.end(), unknown) || !m_request.from.empty();
}

Result<std::vector<EncryptedMessage>> Addressees::messages(const KnownCertificates& known,
                                                           const std::string& out, std::string& note) const {
    std::vector<x509::Certificate> self;
    if (!m_request.no_self) {
        auto own = certificates_for(m_sender, known);
        // A key for --from was asked for; one for the mail's From is wished for.
        if (!own && (!m_request.from.empty() || own.error().code != ErrorCode::not_found)) {
            return Failure(std::move(own).error());
        }
        self = std::move(own).value_or(std::vector<x509::Certificate>());
        if (self.empty()) {
            note = "the sender cannot read the result: no certificate to encrypt to is known for " +
                   (m_sender.empty() ? "them" : joined(m_sender, ", ")) +
                   "; --no-self says that this is meant";
        }
    }
    std::vector<EncryptedMessage> messages;
    EncryptedMessage open{.path = out, .recipients = {}};
    if (m_request.to.empty() && !m_request.certificates.empty()) {
        SIGNET_CHECK(check_recipients(known.files, current_time()));
        add_all(open.recipients, known.files);
    } else {
        SIGNET_TRY(open.recipients, certificates_for(m_open, known));
    }
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
