#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/certs_only.h"
#include "cli/encryption_options.h"
#include "cli/input.h"
#include "cli/library.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/sender.h"
#include "cli/token_module.h"
#include "cli/touch_hint.h"

#include <deque>

namespace signet::cli {
namespace {

struct SignArguments {
    Streams streams;
    BareCms bare;
    EncryptionRequest request;
    std::string from;
    std::string key;
    std::string digest;
    std::string chain;
    bool pss = false;
    bool opaque = false;
    bool protect_headers = false;
    bool triple = false;
    bool certs_only = false;

    [[nodiscard]] bool encrypts() const {
        return !request.to.empty() || !request.certificates.empty() || !request.bcc.empty() ||
               !request.bcc_folder.empty();
    }
};

Result<void> check(const SignArguments& options) {
    SIGNET_CHECK(options.bare.check());
    if (options.triple && !options.encrypts()) {
        return failure(ErrorCode::invalid_parameter, "--triple",
                       "--triple encrypts too: name the recipients with --to or --cert");
    }
    if (options.bare.wanted() && options.encrypts()) {
        return failure(
            ErrorCode::invalid_parameter, "--cms",
            "with --cms and --pem sign and encrypt in two steps: signet sign, then signet encrypt");
    }
    if (options.certs_only && options.encrypts()) {
        return failure(ErrorCode::invalid_parameter, "--certs-only", "--certs-only does not encrypt");
    }
    return {};
}

// --key, else --from, else the mail's own From.
Result<KeySelector> selector_for(const SignArguments& options, const smime::Source& input) {
    if (!options.key.empty() || !options.from.empty()) {
        return KeySelector::parse(options.key.empty() ? options.from : options.key);
    }
    if (options.bare.wanted()) {
        return failure(ErrorCode::invalid_parameter, "sign",
                       "a file has no From address; name the key with --from or --key");
    }
    SIGNET_TRY(auto addresses, sender_addresses(input));
    return KeySelector::for_addresses(std::move(addresses));
}

mail::Digest digest_named(const std::string& name) {
    if (name == "sha256") {
        return mail::Digest::sha256;
    }
    if (name == "sha384") {
        return mail::Digest::sha384;
    }
    return name == "sha512" ? mail::Digest::sha512 : mail::Digest::automatic;
}

// Whoever signs, with all that goes into the signature.
struct Signatory {
    x509::Certificate certificate;
    std::optional<x509::Certificate> encryption_certificate;
    std::vector<x509::Certificate> chain;

    // Borrows from this object. Without a private key.
    [[nodiscard]] mail::SignOptions sign_options(const SignArguments& options) const {
        mail::SignOptions how{.certificate = certificate.get(), .chain = borrowed(chain)};
        how.digest = digest_named(options.digest);
        how.pss = options.pss;
        how.encryption_certificate = encryption_certificate ? encryption_certificate->get() : nullptr;
        how.opaque = options.opaque;
        // That of an encrypted mail belongs to the encryption.
        how.protect_headers = options.protect_headers && !options.encrypts();
        return how;
    }
    [[nodiscard]] std::vector<X509*> certificates() const {
        std::vector<X509*> all{certificate.get()};
        if (encryption_certificate) {
            all.push_back(encryption_certificate->get());
        }
        const auto above = borrowed(chain);
        all.insert(all.end(), above.begin(), above.end());
        return all;
    }
};

Result<Signatory> signatory(const SignArguments& options, const KeyEntry& entry,
                            std::span<const KeyEntry> entries) {
    Signatory result{.certificate = *entry.certificate,
                     .encryption_certificate = encryption_certificate(entries, *entry.certificate),
                     .chain = {}};
    if (!options.chain.empty()) {
        SIGNET_TRY(result.chain, read_certificates(options.chain));
    }
    return result;
}

Result<void> write_certificates(const smime::Source& input, const SignArguments& options,
                                const std::vector<X509*>& certificates) {
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    if (options.bare.wanted()) {
        CmsSink cms(output, options.bare.pem);
        LibraryOutput out(cms);
        SIGNET_CHECK(result_of(mail::certs_only_content(certificates, out)));
        SIGNET_CHECK(cms.finish());
    } else {
        SIGNET_CHECK(write_certs_only(input, certificates, output));
    }
    return output.commit();
}

Result<void> write_signed(const smime::Source& input, const SignArguments& options,
                          const mail::SignOptions& how) {
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    const LibraryInput content(input);
    if (options.bare.wanted()) {
        CmsSink cms(output, options.bare.pem);
        LibraryOutput out(cms);
        SIGNET_CHECK(result_of(mail::sign_content(content, out, how)));
        SIGNET_CHECK(cms.finish());
    } else {
        LibraryOutput out(output);
        SIGNET_CHECK(result_of(mail::sign(content, out, how)));
    }
    return output.commit();
}

// All messages are whole before the first of them is seen.
Result<void> write_encrypted(const smime::Source& input, const SignArguments& options,
                             const mail::SignOptions& how, std::vector<KeyEntry> entries) {
    EncryptionRequest request = options.request;
    request.from = options.from;
    request.protect_headers = options.protect_headers;
    KnownCertificates known{.files = {}, .entries = std::move(entries)};
    SIGNET_TRY(known.files, read_certificates(request.certificates));
    SIGNET_TRY(const auto addressees, Addressees::of(request, &input));
    std::string note;
    SIGNET_TRY(const auto messages, addressees.messages(known, options.streams.out, note));
    std::vector<Output> outputs;
    for (const auto& message : messages) {
        SIGNET_TRY(auto output, Output::open(message.path));
        outputs.push_back(std::move(output));
    }
    std::deque<LibraryOutput> outs;
    std::vector<mail::Message> encrypted;
    encrypted.reserve(messages.size());
    for (std::size_t i = 0; i < messages.size(); ++i) {
        encrypted.push_back({.out = &outs.emplace_back(outputs[i]),
                             .encryption = encrypt_options(request, messages[i].recipients)});
    }
    const LibraryInput mail(input);
    SIGNET_CHECK(result_of(options.triple ? mail::triple_wrap(mail, encrypted, how, how)
                                          : mail::sign_and_encrypt(mail, encrypted, how)));
    for (auto& output : outputs) {
        SIGNET_CHECK(output.commit());
    }
    if (!options.streams.quiet) {
        print_note(note);
    }
    return {};
}

Result<ExitStatus> sign_mail(const SignArguments& options) {
    SIGNET_CHECK(check(options));
    SIGNET_TRY(auto opened, open_input(options.streams.in));
    auto input = with_progress(std::move(opened), options.streams.quiet);
    if (options.bare.crlf) {
        SIGNET_TRY(input, with_crlf(*input));
    }
    SIGNET_TRY(const auto selector, selector_for(options, *input));
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_CHECK(agent.request_inventory());
    auto keys = open_token_keys();
    SIGNET_TRY(const auto inventory, agent.requested_inventory());
    const auto entries = key_entries(inventory);
    SIGNET_TRY(const auto entry, choose_key(entries, selector, Purpose::sign, current_time()));
    SIGNET_TRY(const auto signer, signatory(options, entry, entries));
    if (options.certs_only) {
        SIGNET_CHECK(write_certificates(*input, options, signer.certificates()));
        return ExitStatus::good;
    }
    if (!keys) {
        return Failure(keys.error());
    }
    const TouchHint hint(inventory);
    SIGNET_TRY(const auto key, private_key(*keys, entry));
    auto how = signer.sign_options(options);
    how.private_key = key.get();
    SIGNET_CHECK(options.encrypts() ? write_encrypted(*input, options, how, entries)
                                    : write_signed(*input, options, how));
    return ExitStatus::good;
}

void add_signature(CLI::App& command, SignArguments& options) {
    command.add_option("--from", options.from, "Sign as this address (default: the mail's From)")
        ->type_name("ADDRESS");
    command.add_option("--key", options.key, "Sign with the key of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY")
        ->excludes("--from");
    command
        .add_option("--digest", options.digest,
                    "Digest: sha256, sha384 or sha512 (default: what fits the key)")
        ->type_name("NAME")
        ->check(one_of({"sha256", "sha384", "sha512"}));
    command.add_flag("--pss", options.pss, "Sign with RSASSA-PSS (RSA keys)");
    command
        .add_option("--certificate-chain", options.chain,
                    "Include the intermediate certificates of this PEM file")
        ->type_name("FILE");
    command.add_flag("--opaque", options.opaque, "Put the content into the signature instead of beside it");
    command.add_flag("--certs-only", options.certs_only, "Sign nothing: send the certificates alone");
}

}  // namespace

void declare_sign(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<SignArguments>(program, "sign", "Sign a mail with a key on a token", chosen, sign_mail);
    add_streams(command, options.streams);
    add_signature(command, options);
    command.add_flag("--protect-headers", options.protect_headers,
                     "Sign the header fields too (RFC 9788), with --to encrypt them");
    add_encryption(command, options.request);
    command.add_flag("--triple", options.triple, "Sign, encrypt, and sign the result");
    add_bare_cms(command, options.bare);
}

}  // namespace signet::cli
