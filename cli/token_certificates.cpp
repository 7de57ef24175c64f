#include "cli/certificate_files.h"
#include "cli/token_command.h"

#include <algorithm>

namespace signet::cli {
namespace {

struct TokenCertificateArguments : TokenOptions {
    std::string slot;
    std::string file;
    bool overwrite = false;
};

Result<x509::Certificate> read_one_certificate(const std::string& path) {
    SIGNET_TRY(auto certificates, read_certificates(path));
    if (certificates.size() > 1) {
        return failure(ErrorCode::invalid_parameter, path,
                       path + " has " + std::to_string(certificates.size()) +
                           " certificates: give a file with that of the key alone");
    }
    return std::move(certificates.front());
}

// The token's host checks the same where the card does not tell.
Result<void> check_that_it_belongs(const ipc::TokenDetails& details, const TokenCertificateArguments& options,
                                   const x509::Certificate& certificate) {
    const auto slot =
        std::find_if(details.slots.begin(), details.slots.end(),
                     [&options](const auto& candidate) { return candidate.slot == options.slot; });
    if (slot != details.slots.end() && !slot->public_key_info.empty() &&
        slot->public_key_info != certificate.public_key_info()) {
        return failure(ErrorCode::not_allowed, "certificate",
                       options.file + " certifies another key than that of slot " + options.slot);
    }
    return {};
}

Result<ExitStatus> store(const TokenCertificateArguments& options) {
    SIGNET_TRY(const auto certificate, read_one_certificate(options.file));
    SIGNET_TRY(auto token, AdministeredToken::open(options));
    SIGNET_TRY(const auto details, token.details());
    SIGNET_CHECK(check_that_it_belongs(details, options, certificate));
    SIGNET_CHECK(token.take_authorization(options, AdministeredToken::PinUse::unlocking));
    SIGNET_CHECK(token.call({.method = ipc::AdminMethod::store_certificate,
                             .slot = options.slot,
                             .overwrite = options.overwrite,
                             .certificate = certificate.der()}));
    return report_change(
        options, token,
        "slot " + options.slot + " of " + token.name() + " has the certificate of " + certificate.subject(),
        {{"slot", options.slot}, {"fingerprint", certificate.fingerprint()}});
}

}  // namespace

void declare_token_certificates(CLI::App& token, Action& chosen) {
    auto [command, options] = declare<TokenCertificateArguments>(
        token, "certificate", "Store the certificate of a key that the token has", chosen, store);
    command.add_option("file", options.file, "The certificate, PEM or DER")->type_name("FILE")->required();
    add_token_options(command, options);
    add_slot_option(command, options.slot);
    command.add_flag("--overwrite", options.overwrite, "Replace the certificate that is there");
    add_authorization_options(command, options);
}

}  // namespace signet::cli
