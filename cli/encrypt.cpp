#include "smime/encrypt.h"

#include "base/file_descriptor.h"
#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/declaration.h"
#include "cli/output.h"
#include "cli/recipients.h"
#include "cli/sender.h"
#include "smime/limits.h"

#include <algorithm>

namespace signet::cli {
namespace {

struct Options {
    Streams streams;
    std::vector<std::string> to;
    std::vector<std::string> certificates;
    std::string from;
    std::string cipher;
    bool oaep = false;
    bool no_self = false;
};

// The tokens are asked for the sender's certificate, and for those of recipients whom no file covers.
bool needs_tokens(const Options& options, std::span<const x509::Certificate> files) {
    return !options.no_self ||
           std::any_of(options.to.begin(), options.to.end(),
                       [&](const std::string& address) { return !any_holds(files, address); });
}

Result<ipc::Inventory> inventory_from_agent() {
    SIGNET_TRY(auto agent, Agent::connect());
    return agent.inventory();
}

Result<std::vector<x509::Certificate>> named_recipients(const Options& options,
                                                        std::span<const x509::Certificate> files,
                                                        std::span<const KeyEntry> entries) {
    const auto now = current_time();
    std::vector<x509::Certificate> recipients;
    for (const auto& address : options.to) {
        SIGNET_TRY(auto certificate, choose_recipient(address, files, entries, now));
        add_recipient(recipients, std::move(certificate));
    }
    if (options.to.empty()) {
        SIGNET_CHECK(check_recipients(files, now));
        recipients.assign(files.begin(), files.end());
    }
    return recipients;
}

// The sender must be able to read what was sent. Without a key for the mail's From that is not possible, and
// no error; a key for --from was asked for.
Result<void> add_self(std::vector<x509::Certificate>& recipients, const Options& options,
                      std::string_view mail, std::span<const KeyEntry> entries) {
    if (options.no_self) {
        return {};
    }
    const bool asked_for = !options.from.empty();
    auto addresses = asked_for ? Result<std::vector<std::string>>({options.from}) : sender_addresses(mail);
    if (!addresses) {
        return {};
    }
    SIGNET_TRY(const auto selector, asked_for ? KeySelector::parse(options.from)
                                              : Result<KeySelector>(KeySelector::for_addresses(*addresses)));
    auto own = choose_key(entries, selector, Purpose::encrypt, current_time());
    if (!own) {
        const bool none = own.error().code == ErrorCode::not_found;
        return none && !asked_for ? Result<void>() : Failure(std::move(own).error());
    }
    add_recipient(recipients, *own->certificate);
    return {};
}

Result<std::vector<x509::Certificate>> all_recipients(const Options& options, std::string_view mail) {
    if (options.to.empty() && options.certificates.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "name the recipients with --to or --cert");
    }
    SIGNET_TRY(const auto files, read_certificates(options.certificates));
    ipc::Inventory inventory{.generation = 0, .tokens = std::vector<ipc::Token>(), .failures = {}};
    if (needs_tokens(options, files)) {
        SIGNET_TRY(inventory, inventory_from_agent());
    }
    const auto entries = key_entries(inventory);
    SIGNET_TRY(auto recipients, named_recipients(options, files, entries));
    SIGNET_CHECK(add_self(recipients, options, mail, entries));
    return recipients;
}

Result<ExitStatus> encrypt_mail(const Options& options) {
    SIGNET_TRY(const auto mail, read_file(options.streams.in, smime::max_mail_size));
    smime::EncryptOptions how;
    SIGNET_TRY(how.recipients, all_recipients(options, mail));
    how.oaep = options.oaep;
    if (!options.cipher.empty()) {
        how.cipher = *smime::content_cipher_from_name(options.cipher);
    }
    smime::TextSink encrypted;
    SIGNET_CHECK(smime::encrypt(smime::TextSource(mail), encrypted, how));
    SIGNET_CHECK(write_output(options.streams.out, encrypted.text()));
    return ExitStatus::good;
}

std::vector<std::string> cipher_names() {
    using smime::ContentCipher;
    std::vector<std::string> names;
    for (const auto cipher : {ContentCipher::aes128_cbc, ContentCipher::aes256_cbc, ContentCipher::aes128_gcm,
                              ContentCipher::aes256_gcm}) {
        names.emplace_back(name_of(cipher));
    }
    return names;
}

}  // namespace

void declare_encrypt(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<Options>(program, "encrypt", "Encrypt a mail", chosen, encrypt_mail);
    add_streams(command, options.streams);
    command.add_option("--to", options.to, "Encrypt to this address (repeatable)")
        ->type_name("ADDRESS")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--cert", options.certificates, "File with certificates of recipients (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--from", options.from,
                    "Encrypt to the key of this sender too (default: the mail's From)")
        ->type_name("ADDRESS");
    command.add_flag("--no-self", options.no_self, "Do not encrypt to the sender")->excludes("--from");
    command.add_option("--cipher", options.cipher, "Cipher of the content (default: aes128_cbc)")
        ->type_name("NAME")
        ->check(CLI::IsMember(cipher_names()).description(""));
    command.add_flag("--oaep", options.oaep, "Wrap the key for RSA recipients with RSAES-OAEP");
}

}  // namespace signet::cli
