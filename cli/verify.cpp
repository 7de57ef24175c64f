#include "cli/declaration.h"
#include "cli/input.h"
#include "cli/json.h"
#include "cli/library.h"
#include "cli/mutt_report.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/signer_text.h"
#include "cli/terminal.h"
#include "cli/trust.h"
#include "cli/unsigned_mail.h"

#include <unistd.h>

#include <algorithm>

namespace signet::cli {
namespace {

struct VerifyArguments {
    std::string in = "-";
    TrustChoice trust;
    std::string content;
    std::string detached_content;
    bool bare = false;
    bool quiet = false;
    bool json = false;
    bool for_mutt = false;
    std::string signer;

    [[nodiscard]] bool is_mail() const { return !bare && detached_content.empty(); }
    // Standard output holds one thing only.
    [[nodiscard]] const char* report_path() const {
        return is_standard_output(content) || is_standard_output(signer) ? "/dev/fd/2" : "-";
    }
    [[nodiscard]] Result<void> check() const {
        if (is_standard_output(content) && is_standard_output(signer)) {
            return failure(ErrorCode::invalid_parameter, "verify",
                           "--content and --signer cannot both go to standard output");
        }
        if (is_standard_input(in) && is_standard_input(detached_content)) {
            return failure(
                ErrorCode::invalid_parameter, "verify",
                "the signature and what it signs cannot both be standard input; name one with --in");
        }
        return {};
    }
};

std::string json_of(const mail::Verification& verification) {
    ipc::Writer writer;
    writer.boolean("good", verification.good);
    writer.raw("signers",
               json_array(verification.signers, [](const auto& signer) { return cli::json_of(signer); }));
    return writer.finish() + "\n";
}

// The signatures are right, and all that they cover is a ciphertext.
bool is_outside_encryption(const mail::Verification& verification) {
    return !verification.signers.empty() &&
           std::all_of(verification.signers.begin(), verification.signers.end(),
                       [](const auto& signer) { return signer.status == "signature_outside_encryption"; });
}

std::string verdict_of(const mail::Verification& verification, bool is_mail, const Style& style) {
    if (verification.good) {
        return style.good(is_mail ? "the mail is signed as above" : "the content is signed as above");
    }
    return is_outside_encryption(verification)
               ? style.bad("only the encryption is signed; --content writes it, for signet decrypt")
               : style.bad("the signature is not good");
}

std::string text_of(const mail::Verification& verification, const VerifyArguments& options) {
    const Style style =
        style_for(options.report_path() == std::string_view("-") ? STDOUT_FILENO : STDERR_FILENO);
    std::string text;
    for (const auto& signer : verification.signers) {
        text += cli::text_of(signer, style, {});
    }
    return text + verdict_of(verification, options.is_mail(), style) + "\n";
}

Result<void> write_content(const mail::Verification& verification, const std::string& path) {
    SIGNET_TRY(auto output, Output::open(path));
    LibraryOutput content(output);
    SIGNET_CHECK(result_of(verification.write_content(content)));
    return output.commit();
}

Result<ExitStatus> report_on(const mail::Verification& verification, const VerifyArguments& options) {
    const bool as_signed = verification.good || is_outside_encryption(verification);
    if (as_signed && !options.content.empty()) {
        SIGNET_CHECK(write_content(verification, options.content));
    }
    if (!options.signer.empty()) {
        SIGNET_CHECK(write_signers(verification, options.signer));
    }
    if (options.for_mutt) {
        print_for_mutt(verification);
        return verification.good ? ExitStatus::good : ExitStatus::no;
    }
    const std::string text = options.json ? json_of(verification) : text_of(verification, options);
    SIGNET_CHECK(write_output(options.report_path(), text));
    return verification.good ? ExitStatus::good : ExitStatus::no;
}

Result<ExitStatus> verify_mail(const VerifyArguments& options) {
    SIGNET_CHECK(options.check());
    SIGNET_TRY(const auto trust, load_trust(options.trust));
    SIGNET_TRY(auto opened, open_input(options.in));
    const auto input = with_progress(std::move(opened), options.quiet);
    std::unique_ptr<smime::Source> content;
    if (!options.detached_content.empty()) {
        SIGNET_TRY(auto beside, open_input(options.detached_content));
        content = with_progress(std::move(beside), options.quiet);
    }
    const LibraryInput signed_input(*input);
    const LibraryInput beside(content ? *content : *input);
    mail::Verification verification;
    const auto verified =
        result_of(options.is_mail() ? mail::verify(signed_input, trust.options(), verification)
                                    : mail::verify_content(signed_input, content ? &beside : nullptr,
                                                           trust.options(), verification));
    if (verified) {
        return report_on(verification, options);
    }
    const Error& error = verified.error();
    if (!is_about_the_mail(error)) {
        return Failure(error);
    }
    if (options.for_mutt) {
        print_for_mutt(error);
        return ExitStatus::no;
    }
    return report_unsigned(error, options.json, options.report_path());
}

}  // namespace

void declare_verify(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<VerifyArguments>(
        program, "verify", "Check the signature of a mail and report on it", chosen, verify_mail);
    add_input(command, options.in);
    add_trust(command, options.trust);
    command
        .add_option("--content", options.content, "Write the signed content to FILE if the signature is good")
        ->type_name("FILE");
    command.add_flag("--cms", options.bare, "Read CMS (BER, DER, PEM or base64) instead of a mail");
    command
        .add_option("--detached-content", options.detached_content,
                    "Read CMS instead of a mail, which signs this FILE")
        ->type_name("FILE");
    command
        .add_option("--signer", options.signer, "Write the certificates of those who signed to FILE, as PEM")
        ->type_name("FILE");
    command.add_flag("--quiet", options.quiet, "Show no progress");
    auto* for_mutt = command.add_flag("--for-mutt", options.for_mutt,
                                      "Report on standard error, in the words that mutt waits for");
    command.add_flag("--json", options.json, "Print JSON")->excludes(for_mutt);
}

}  // namespace signet::cli
