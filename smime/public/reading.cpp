#include "smime/decrypt.h"
#include "smime/public/convert.h"
#include "smime/read.h"
#include "smime/verify.h"

namespace signet::mail {

// What a result refers to besides the caller's Input.
struct Verification::Implementation {
    std::unique_ptr<InputSource> mail;
    std::unique_ptr<InputSource> content;
    smime::SignedEntity entity;
};

struct Report::Implementation {
    std::unique_ptr<InputSource> mail;
    smime::Report report;
};

namespace {

Result<x509::KeyPointer> open_key(const DecryptionKey& key) {
    EVP_PKEY* opened = key.private_key;
    if (opened != nullptr) {
        EVP_PKEY_up_ref(opened);
    } else if (key.open) {
        const Status status = key.open(opened);
        if (!status.ok()) {
            return Failure(error_of(status));
        }
    }
    if (opened == nullptr) {
        return failure(ErrorCode::invalid_parameter, "decrypt", "a certificate without a private key");
    }
    return x509::KeyPointer(opened);
}

Result<x509::CertificateOutline> outline_of(const DecryptionKey& key) {
    if (key.certificate != nullptr) {
        return x509::CertificateOutline::from_der(x509::Certificate::from_x509(key.certificate).der());
    }
    return x509::CertificateOutline::from_der(as_bytes(key.certificate_der));
}

std::vector<smime::DecryptionKey> keys_of(const std::vector<DecryptionKey>& keys) {
    std::vector<smime::DecryptionKey> result;
    for (const DecryptionKey& key : keys) {
        if (auto certificate = outline_of(key)) {
            result.push_back({*std::move(certificate), [&key] { return open_key(key); }});
        }
    }
    return result;
}

std::shared_ptr<X509> shared(const x509::Certificate& certificate) {
    X509_up_ref(certificate.get());
    return {certificate.get(), X509_free};
}

Signer signer_of(const smime::SignerReport& report) {
    Signer signer{.status = std::string(name_of(report.status)),
                  .reason = report.reason,
                  .certificate = report.certificate ? shared(*report.certificate) : nullptr,
                  .emails = report.emails,
                  .signing_time = report.signing_time,
                  .digest_algorithm = report.digest_algorithm,
                  .chain_good_since = report.chain_good_since};
    for (const auto& certificate : report.chain) {
        signer.chain.push_back(shared(certificate));
    }
    return signer;
}

std::vector<Signer> signers_of(const std::vector<smime::SignerReport>& reports) {
    std::vector<Signer> signers;
    signers.reserve(reports.size());
    for (const auto& report : reports) {
        signers.push_back(signer_of(report));
    }
    return signers;
}

Layer layer_of(const smime::Layer& layer) {
    return {.kind = std::string(name_of(layer.kind)),
            .form = layer.form,
            .algorithm = layer.algorithm,
            .opened = layer.opened,
            .good = layer.good,
            .authenticated = layer.authenticated,
            .signers = signers_of(layer.signers)};
}

// As deep as the reader lets parts nest.
Part part_of(const smime::Part& part) {
    Part result{.path = part.path,
                .type = part.type,
                .file_name = part.file_name,
                .size = part.size,
                .attachment = part.attachment,
                .not_authenticated = part.not_authenticated,
                .legacy_display = part.legacy_display,
                .layers = part.layers,
                .layer = part.layer ? std::make_shared<Layer>(layer_of(*part.layer)) : nullptr};
    for (const auto& child : part.parts) {
        result.parts.push_back(part_of(*child));
    }
    return result;
}

Result<smime::VerifyOptions> options_of(const VerifyOptions& options) {
    smime::VerifyOptions result;
    SIGNET_TRY(result.trust_anchors, certificates(options.trust_anchors));
    SIGNET_TRY(result.intermediates, certificates(options.intermediates));
    result.use_system_store = options.use_system_store;
    return result;
}

Status report_on(Result<smime::Verification> result, Verification::Implementation held,
                 Verification& verification) {
    verification = {};
    if (result) {
        held.entity = std::move(result->entity);
        verification.good = result->good;
        verification.signers = signers_of(result->signers);
        verification.implementation = std::make_shared<const Verification::Implementation>(std::move(held));
    }
    return status_of(result);
}

void describe(const smime::Report& from, Report& report) {
    report.mail = part_of(*from.root);
    report.signed_by = signers_of(from.signed_by);
    report.encrypted = from.encrypted;
    report.not_authenticated = from.not_authenticated;
    if (from.header_protection) {
        report.header_protection = name_of(from.header_protection->form);
    }
    report.header_is_signed = from.header_is_signed;
    for (const auto& field : from.header_fields) {
        report.header_fields.push_back(
            {field.name, field.value, field.outside, std::string(name_of(field.agreement))});
    }
    for (const auto& finding : from.findings) {
        report.findings.push_back({std::string(name_of(finding.code)), finding.path, finding.reason});
    }
}

}  // namespace

Status decrypt(const Input& mail, Output& out, const std::vector<DecryptionKey>& keys) {
    std::vector<std::string> left_out;
    return decrypt(mail, out, keys, left_out);
}

Status decrypt(const Input& mail, Output& out, const std::vector<DecryptionKey>& keys,
               std::vector<std::string>& left_out) {
    OutputSink sink(out);
    const auto decrypted = smime::decrypt(InputSource(mail), sink, keys_of(keys));
    left_out = decrypted.value_or(std::vector<std::string>());
    return status_of(decrypted);
}

Status decrypt_content(const Input& cms, Output& out, const std::vector<DecryptionKey>& keys) {
    OutputSink sink(out);
    return status_of(smime::decrypt_cms(InputSource(cms), sink, keys_of(keys)));
}

Status decrypt_content(const Input& cms, WithheldOutput& out, const std::vector<DecryptionKey>& keys) {
    WithheldOutputSink sink(out);
    return status_of(smime::decrypt_cms(InputSource(cms), sink, keys_of(keys)));
}

Status verify(const Input& mail, const VerifyOptions& options, Verification& verification) {
    Verification::Implementation held{std::make_unique<InputSource>(mail), nullptr, {}};
    auto result =
        options_of(options).and_then([&](const auto& how) { return smime::verify(*held.mail, how); });
    return report_on(std::move(result), std::move(held), verification);
}

Status verify_content(const Input& cms, const Input* content, const VerifyOptions& options,
                      Verification& verification) {
    Verification::Implementation held{std::make_unique<InputSource>(cms),
                                      content != nullptr ? std::make_unique<InputSource>(*content) : nullptr,
                                      {}};
    auto result = options_of(options).and_then(
        [&](const auto& how) { return smime::verify_cms(*held.mail, held.content.get(), how); });
    return report_on(std::move(result), std::move(held), verification);
}

Status Verification::write_content(Output& out) const {
    if (!implementation) {
        return {.code = Code::not_found, .operation = "write content", .detail = "nothing was verified"};
    }
    auto reader = implementation->entity.reader();
    OutputSink sink(out);
    return status_of(smime::copy(reader, sink));
}

Status read(const Input& mail, const ReadOptions& options, Report& report) {
    report = {};
    auto held = std::make_shared<Report::Implementation>();
    held->mail = std::make_unique<InputSource>(mail);
    auto result = options_of(options.trust).and_then([&](auto trust) {
        return smime::read(*held->mail, {.trust = std::move(trust), .keys = keys_of(options.keys)});
    });
    Status status = status_of(result);
    if (result) {
        describe(*result, report);
        held->report = std::move(*result);
        report.implementation = std::move(held);
    }
    return status;
}

Status Report::write_part(const std::string& path, Output& out) const {
    const smime::Part* part = implementation ? find_part(implementation->report, path) : nullptr;
    if (part == nullptr) {
        return {.code = Code::not_found, .operation = "part", .detail = "the mail has no part " + path};
    }
    OutputSink sink(out);
    return status_of(smime::write_content(*part, sink));
}

}  // namespace signet::mail
