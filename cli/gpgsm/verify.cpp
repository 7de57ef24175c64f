#include "cli/gpgsm/verify.h"

#include "cli/input.h"
#include "cli/messages.h"
#include "cli/terminal.h"

#include <algorithm>
#include <cstdio>

namespace signet::gpgsm {
namespace {

using smime::SignatureStatus;
using smime::SignerReport;

const SignerReport* decisive(const smime::Verification& verification) {
    const auto& signers = verification.signers;
    const auto doubtful = std::find_if(signers.begin(), signers.end(), [](const SignerReport& signer) {
        return signer.status != SignatureStatus::good;
    });
    if (doubtful != signers.end()) {
        return &*doubtful;
    }
    return verification.good && !signers.empty() ? &signers.front() : nullptr;
}

std::string sentence_on(const SignerReport& signer) {
    switch (signer.status) {
        case SignatureStatus::good:
            return "good signature";
        case SignatureStatus::untrusted_chain:
        case SignatureStatus::wrong_usage:
            return "the signature is right, but the certificate is not trusted";
        case SignatureStatus::expired:
            return "the signature is right, but the certificate has expired";
        case SignatureStatus::bad_signature:
        case SignatureStatus::content_mismatch:
            return "BAD signature";
        default:
            return "the signature cannot be checked";
    }
}

// git shows this to people.
std::string text_on(const SignerReport& signer) {
    std::string text = "signet-gpgsm: " + sentence_on(signer);
    if (!signer.reason.empty()) {
        text += " (" + printable_utf8(signer.reason) + ")";
    }
    text += "\n";
    const auto append = [&text](const char* name, const std::string& value) {
        if (!value.empty()) {
            text += "signet-gpgsm:   " + std::string(name) + ": " + printable_utf8(value) + "\n";
        }
    };
    if (signer.certificate) {
        append("signer", signer.certificate->subject());
        append("e-mail", cli::joined(signer.emails, ", "));
        append("issuer", signer.certificate->issuer());
        append("fingerprint", fingerprint_of(*signer.certificate));
    }
    append("made at, as the signer says", signer.signing_time);
    if (signer.timestamp && signer.timestamp->reason.empty()) {
        append("there at, by its timestamp", signer.timestamp->time);
        append("timestamp of", signer.timestamp->authority);
    } else if (signer.timestamp) {
        append("a timestamp that does not count", signer.timestamp->reason);
    }
    return text;
}

Result<void> write_lines(const StatusOutput& status, const std::vector<std::string>& lines) {
    // git takes no verdict from the very first line.
    SIGNET_CHECK(status.line("NEWSIG"));
    for (const auto& line : lines) {
        SIGNET_CHECK(status.line(line));
    }
    return {};
}

Result<bool> nothing_to_judge(const StatusOutput& status, const std::string& reason) {
    std::fputs(("signet-gpgsm: no signature that could be checked: " + printable_utf8(reason) + "\n").c_str(),
               stderr);
    SIGNET_CHECK(write_lines(status, status_of_nothing()));
    return false;
}

Result<smime::Verification> verification_of(const VerifyRequest& request,
                                            const smime::VerifyOptions& options) {
    SIGNET_TRY(const auto signature, cli::open_input(request.signature));
    std::unique_ptr<smime::Source> content;
    if (request.content) {
        SIGNET_TRY(content, cli::open_input(*request.content));
    }
    return smime::verify_cms(*signature, content.get(), options);
}

}  // namespace

Result<bool> verify(const VerifyRequest& request, const Settings& settings, const StatusOutput& status) {
    SIGNET_TRY(const auto options, settings.verify_options());
    const auto verification = verification_of(request, options);
    if (!verification && verification.error().code != ErrorCode::not_found &&
        verification.error().code != ErrorCode::malformed) {
        return Failure(verification.error());
    }
    const SignerReport* signer = verification ? decisive(*verification) : nullptr;
    if (signer == nullptr) {
        return nothing_to_judge(status, verification ? "nobody signed it" : verification.error().detail);
    }
    std::fputs(text_on(*signer).c_str(), stderr);
    SIGNET_CHECK(write_lines(status, status_of(*signer)));
    return signer->status == SignatureStatus::good;
}

}  // namespace signet::gpgsm
