#include "smime/verify.h"

#include "base/file_descriptor.h"
#include "cli/certificate_files.h"
#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "smime/limits.h"

#include <unistd.h>

namespace signet::cli {
namespace {

struct Options {
    std::string in = "-";
    std::vector<std::string> authorities;
    std::vector<std::string> intermediates;
    bool system_authorities = false;
    std::string content;
    bool json = false;
};

std::string json_of(const smime::SignerReport& signer) {
    ipc::Writer writer;
    writer.plain("status", name_of(signer.status));
    writer.text("reason", signer.reason);
    writer.raw("subject", signer.certificate ? json_text(signer.certificate->subject()) : "null");
    writer.raw("fingerprint", signer.certificate ? json_text(signer.certificate->fingerprint()) : "null");
    writer.raw("emails", json_texts(signer.emails));
    writer.text("signing_time", signer.signing_time);
    writer.text("digest_algorithm", signer.digest_algorithm);
    return writer.finish();
}

std::string json_of(const smime::Verification& verification) {
    ipc::Writer writer;
    writer.boolean("good", verification.good);
    writer.raw("signers",
               json_array(verification.signers, [](const auto& signer) { return json_of(signer); }));
    return writer.finish() + "\n";
}

void append_field(std::string& text, std::string_view name, const std::string& value) {
    if (!value.empty()) {
        text += "  " + std::string(name) + ": " + printable_utf8(value) + "\n";
    }
}

std::string text_of(const smime::SignerReport& signer, const Style& style) {
    const std::string status(name_of(signer.status));
    const bool good = signer.status == smime::SignatureStatus::good;
    std::string text = good ? style.good(status) : style.bad(status);
    text += signer.reason.empty() ? "\n" : ": " + printable_utf8(signer.reason) + "\n";
    if (signer.certificate) {
        append_field(text, "signer", signer.certificate->subject());
        append_field(text, "issuer", signer.certificate->issuer());
        append_field(text, "fingerprint", signer.certificate->fingerprint());
    }
    append_field(text, "e-mail", joined(signer.emails, ", "));
    append_field(text, "signed at", signer.signing_time);
    append_field(text, "digest", signer.digest_algorithm);
    return text;
}

std::string text_of(const smime::Verification& verification) {
    const Style style = style_for(STDOUT_FILENO);
    std::string text;
    for (const auto& signer : verification.signers) {
        text += text_of(signer, style);
    }
    return text +
           (verification.good ? style.good("the mail is signed as above")
                              : style.bad("the signature is not good")) +
           "\n";
}

Result<smime::VerifyOptions> verify_options(const Options& options) {
    smime::VerifyOptions result;
    SIGNET_TRY(result.trust_anchors, read_certificates(options.authorities));
    SIGNET_TRY(result.intermediates, read_certificates(options.intermediates));
    result.use_system_store = options.system_authorities;
    return result;
}

// A mail that is not signed, or not in a way that can be taken apart, has no good signature.
Result<ExitStatus> without_signature(const Error& error, bool json) {
    const std::string code = error.code == ErrorCode::not_found ? "not_signed" : "malformed";
    if (!json) {
        SIGNET_CHECK(write_output("-", code + ": " + printable_utf8(error.detail) + "\n"));
        return ExitStatus::no;
    }
    ipc::Writer writer;
    writer.boolean("good", false);
    writer.plain("status", code);
    writer.text("reason", printable_utf8(error.detail));
    writer.raw("signers", "[]");
    SIGNET_CHECK(write_output("-", writer.finish() + "\n"));
    return ExitStatus::no;
}

Result<ExitStatus> report_on(const smime::Verification& verification, const Options& options) {
    if (verification.good && !options.content.empty()) {
        SIGNET_CHECK(write_output(options.content, verification.content));
    }
    SIGNET_CHECK(write_output("-", options.json ? json_of(verification) : text_of(verification)));
    return verification.good ? ExitStatus::good : ExitStatus::no;
}

Result<ExitStatus> verify_mail(const Options& options) {
    SIGNET_TRY(const auto how, verify_options(options));
    SIGNET_TRY(const auto mail, read_file(options.in, smime::max_mail_size));
    const auto verification = smime::verify(mail, how);
    if (verification) {
        return report_on(*verification, options);
    }
    const Error& error = verification.error();
    if (error.code == ErrorCode::not_found || error.code == ErrorCode::malformed) {
        return without_signature(error, options.json);
    }
    return Failure(error);
}

}  // namespace

void declare_verify(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<Options>(
        program, "verify", "Check the signature of a mail and report on it", chosen, verify_mail);
    add_input(command, options.in);
    command.add_option("--ca", options.authorities, "Trust the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--intermediate", options.intermediates,
                    "Build paths with the certificates of this file (repeatable)")
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_flag("--system-ca", options.system_authorities, "Trust the authorities of this system too");
    command
        .add_option("--content", options.content, "Write the signed content to FILE if the signature is good")
        ->type_name("FILE");
    command.add_flag("--json", options.json, "Print JSON");
}

}  // namespace signet::cli
