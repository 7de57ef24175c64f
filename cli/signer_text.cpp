#include "cli/signer_text.h"

#include "cli/json.h"
#include "x509/certificate.h"

#include <optional>

namespace signet::cli {
namespace {

std::string json_of(const x509::Certificate& certificate) {
    ipc::Writer writer;
    writer.text("subject", certificate.subject());
    writer.text("issuer", certificate.issuer());
    writer.text("serial_number", certificate.serial_number());
    writer.text("fingerprint", certificate.fingerprint());
    writer.text("not_before", certificate.not_before());
    writer.text("not_after", certificate.not_after());
    return writer.finish();
}

std::optional<x509::Certificate> certificate_of(const std::shared_ptr<X509>& certificate) {
    return certificate ? std::optional(x509::Certificate::from_x509(certificate.get())) : std::nullopt;
}

}  // namespace

std::string json_of(const mail::Signer& signer) {
    ipc::Writer writer;
    const auto certificate = certificate_of(signer.certificate);
    writer.plain("status", signer.status);
    writer.text("reason", signer.reason);
    writer.raw("subject", certificate ? json_text(certificate->subject()) : "null");
    writer.raw("fingerprint", certificate ? json_text(certificate->fingerprint()) : "null");
    writer.raw("emails", json_texts(signer.emails));
    writer.text("signing_time", signer.signing_time);
    writer.text("digest_algorithm", signer.digest_algorithm);
    writer.raw("certificate", certificate ? json_of(*certificate) : "null");
    writer.raw("chain", json_array(signer.chain, [](const std::shared_ptr<X509>& above) {
                   return json_of(x509::Certificate::from_x509(above.get()));
               }));
    writer.text("chain_good_since", signer.chain_good_since);
    return writer.finish();
}

std::string text_of(const mail::Signer& signer, const Style& style, std::string_view indentation) {
    const auto certificate = certificate_of(signer.certificate);
    std::string text(indentation);
    text += signer.status == "good" ? style.good(signer.status) : style.bad(signer.status);
    text += signer.reason.empty() ? "\n" : ": " + printable_utf8(signer.reason) + "\n";
    const auto append = [&text, indentation](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            text.append(indentation).append("  ").append(name).append(": ") += printable_utf8(value) + "\n";
        }
    };
    if (certificate) {
        append("signer", certificate->subject());
        append("issuer", certificate->issuer());
        append("fingerprint", certificate->fingerprint());
    }
    append("e-mail", joined(signer.emails, ", "));
    append("signed at", signer.signing_time);
    append("digest", signer.digest_algorithm);
    append("chain good since", signer.chain_good_since);
    return text;
}

}  // namespace signet::cli
