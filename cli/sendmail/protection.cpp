#include "cli/sendmail/protection.h"

#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/key_selection.h"
#include "cli/recipients.h"
#include "cli/sendmail/certificates.h"
#include "cli/token_module.h"
#include "cli/touch_hint.h"
#include "smime/spool.h"
#include "smime/wrap.h"

#include <optional>

namespace signet::sendmail {
namespace {

// What is at hand to encrypt and to sign with.
struct Keys {
    std::vector<x509::Certificate> files;
    std::optional<ipc::Inventory> inventory;
    std::vector<cli::KeyEntry> entries;  // into the inventory
};

Result<Keys> keys_for(const Account& account, const Settings& settings) {
    Keys keys;
    if (account.encrypt) {
        SIGNET_TRY(keys.files, certificates_in(settings.certificates));
    }
    auto agent = cli::Agent::connect();
    if (!agent && !account.sign) {
        return keys;
    }
    if (!agent) {
        return Failure(agent.error());
    }
    SIGNET_TRY(keys.inventory, agent->inventory());
    keys.entries = cli::key_entries(*keys.inventory);
    return keys;
}

// The operation tells that it is for want of a recipient's certificate.
Result<x509::Certificate> recipient_certificate(const std::string& address, const Keys& keys) {
    auto certificate = cli::choose_recipient(address, keys.files, keys.entries, cli::current_time());
    if (!certificate) {
        const Error& error = certificate.error();
        const std::string several = "several keys fit " + address + ":\n" + error.detail;
        return failure(ErrorCode::not_found, "recipient",
                       (error.code == ErrorCode::ambiguous ? several : error.detail) +
                           "\n  certificates in mail.toml says where they are looked for");
    }
    return certificate;
}

Result<smime::EncryptOptions> encryption_for(const std::vector<std::string>& addresses,
                                             const Envelope& envelope, const Account& account,
                                             const Keys& keys) {
    smime::EncryptOptions how{.recipients = {}};
    for (const auto& address : addresses) {
        SIGNET_TRY(auto certificate, recipient_certificate(address, keys));
        cli::add_recipient(how.recipients, std::move(certificate));
    }
    if (auto own = recipient_certificate(envelope.author.mailbox, keys)) {
        cli::add_recipient(how.recipients, std::move(*own));
    }
    how.header_protection =
        account.protect_headers ? smime::HeaderProtection::cipher : smime::HeaderProtection::none;
    how.drop_bcc = true;
    return how;
}

// Signs for one account, with one key for all its messages.
class Signer {
  public:
    static Result<Signer> make(const Envelope& envelope, const Account& account, const Keys& keys) {
        SIGNET_TRY(const auto selector,
                   cli::KeySelector::parse(account.key.empty() ? envelope.author.mailbox : account.key));
        SIGNET_TRY(const auto entry,
                   cli::choose_key(keys.entries, selector, cli::Purpose::sign, cli::current_time()));
        SIGNET_TRY(auto module, cli::open_token_keys());
        SIGNET_TRY(auto key, cli::private_key(module, entry));
        Signer signer(std::move(module), std::move(key), *entry.certificate);
        if (!account.chain.empty()) {
            auto chain = cli::read_certificates(account.chain);
            if (!chain) {
                return wrong_file("certificate_chain", chain.error());
            }
            signer.m_options.chain = std::move(*chain);
        }
        signer.m_options.encryption_certificate =
            cli::encryption_certificate(keys.entries, *entry.certificate);
        // That of an encrypted mail belongs to the encryption.
        if (account.protect_headers && !account.encrypt) {
            signer.m_options.header_protection = smime::HeaderProtection::clear;
        }
        return signer;
    }
    [[nodiscard]] const smime::SignOptions& options() const { return m_options; }

  private:
    Signer(smime::TokenKeys module, x509::KeyPointer key, const x509::Certificate& certificate)
        : m_module(std::move(module)),
          m_key(std::move(key)),
          m_options{.certificate = certificate, .chain = {}} {
        m_options.private_key = m_key.get();
    }

    smime::TokenKeys m_module;
    x509::KeyPointer m_key;
    smime::SignOptions m_options;
};

std::vector<std::vector<std::string>> groups_of(const Envelope& envelope) {
    std::vector<std::vector<std::string>> groups;
    if (!envelope.open.empty()) {
        groups.push_back(envelope.open);
    }
    for (const auto& address : envelope.hidden) {
        groups.push_back({address});
    }
    return groups;
}

Result<std::vector<Message>> encrypted_messages(const smime::Source& mail, const Envelope& envelope,
                                                const Account& account, const Keys& keys) {
    // Everybody's certificate is found before anybody's PIN is asked for.
    std::vector<smime::EncryptOptions> options;
    const auto groups = groups_of(envelope);
    for (const auto& group : groups) {
        SIGNET_TRY(auto how, encryption_for(group, envelope, account, keys));
        options.push_back(std::move(how));
    }
    std::vector<Message> messages;
    std::vector<smime::Encryption> encryptions;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        auto spool = std::make_shared<smime::Spool>();
        encryptions.push_back({spool.get(), std::move(options[i])});
        messages.push_back({groups[i], std::move(spool)});
    }
    if (account.sign) {
        SIGNET_TRY(const auto signer, Signer::make(envelope, account, keys));
        SIGNET_CHECK(smime::sign_and_encrypt(mail, encryptions, signer.options()));
        return messages;
    }
    for (const auto& encryption : encryptions) {
        SIGNET_CHECK(smime::encrypt(mail, *encryption.out, encryption.options));
    }
    return messages;
}

std::vector<std::string> everybody(const Envelope& envelope) {
    std::vector<std::string> all = envelope.open;
    all.insert(all.end(), envelope.hidden.begin(), envelope.hidden.end());
    return all;
}

}  // namespace

Result<std::vector<Message>> protect(const smime::Source& mail, const Envelope& envelope,
                                     const Account& account, const Settings& settings) {
    // A mail in clear gets its From field from the transport, which knows this machine's domain.
    SIGNET_TRY(auto stripped, outgoing(mail, account.protects() ? envelope.author.new_from : ""));
    std::vector<Message> messages;
    if (!account.protects()) {
        messages.push_back({everybody(envelope), std::move(stripped)});
        return messages;
    }
    SIGNET_TRY(const auto keys, keys_for(account, settings));
    std::optional<cli::TouchHint> hint;
    if (account.sign) {
        hint.emplace(*keys.inventory);
    }
    if (account.encrypt) {
        return encrypted_messages(*stripped, envelope, account, keys);
    }
    SIGNET_TRY(const auto signer, Signer::make(envelope, account, keys));
    auto spool = std::make_shared<smime::Spool>();
    SIGNET_CHECK(smime::sign(*stripped, *spool, signer.options()));
    messages.push_back({everybody(envelope), std::move(spool)});
    return messages;
}

}  // namespace signet::sendmail
