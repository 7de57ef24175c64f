#include "cli/signer_text.h"

#include "cli/json.h"

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

}  // namespace

std::string json_of(const smime::SignerReport& signer) {
    ipc::Writer writer;
    writer.plain("status", name_of(signer.status));
    writer.text("reason", signer.reason);
    writer.raw("subject", signer.certificate ? json_text(signer.certificate->subject()) : "null");
    writer.raw("fingerprint", signer.certificate ? json_text(signer.certificate->fingerprint()) : "null");
    writer.raw("emails", json_texts(signer.emails));
    writer.text("signing_time", signer.signing_time);
    writer.text("digest_algorithm", signer.digest_algorithm);
    writer.raw("certificate", signer.certificate ? json_of(*signer.certificate) : "null");
    writer.raw("chain", json_array(signer.chain, [](const x509::Certificate& certificate) {
                   return json_of(certificate);
               }));
    writer.text("chain_good_since", signer.chain_good_since);
    return writer.finish();
}

std::string text_of(const smime::SignerReport& signer, const Style& style, std::string_view indentation) {
    const std::string status(name_of(signer.status));
    const bool good = signer.status == smime::SignatureStatus::good;
    std::string text(indentation);
    text += good ? style.good(status) : style.bad(status);
    text += signer.reason.empty() ? "\n" : ": " + printable_utf8(signer.reason) + "\n";
    const auto append = [&text, indentation](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            text.append(indentation).append("  ").append(name).append(": ") += printable_utf8(value) + "\n";
        }
    };
    if (signer.certificate) {
        append("signer", signer.certificate->subject());
        append("issuer", signer.certificate->issuer());
        append("fingerprint", signer.certificate->fingerprint());
    }
    append("e-mail", joined(signer.emails, ", "));
    append("signed at", signer.signing_time);
    append("digest", signer.digest_algorithm);
    append("chain good since", signer.chain_good_since);
    return text;
}

}  // namespace signet::cli
