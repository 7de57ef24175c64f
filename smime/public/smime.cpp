#include "smime/public/signet/smime.h"

#include "smime/decrypt.h"
#include "smime/encrypt.h"
#include "smime/public/convert.h"
#include "smime/sign.h"
#include "smime/verify.h"
#include "smime/wrap.h"

namespace signet::mail {
namespace {

std::optional<HashAlgorithm> hash_of(Digest digest) {
    switch (digest) {
        case Digest::sha256:
            return HashAlgorithm::sha256;
        case Digest::sha384:
            return HashAlgorithm::sha384;
        case Digest::sha512:
            return HashAlgorithm::sha512;
        case Digest::automatic:
            break;
    }
    return std::nullopt;
}

smime::ContentCipher cipher_of(Cipher cipher) {
    switch (cipher) {
        case Cipher::aes256_cbc:
            return smime::ContentCipher::aes256_cbc;
        case Cipher::aes128_gcm:
            return smime::ContentCipher::aes128_gcm;
        case Cipher::aes256_gcm:
            return smime::ContentCipher::aes256_gcm;
        case Cipher::aes128_cbc:
            break;
    }
    return smime::ContentCipher::aes128_cbc;
}

Result<smime::SignOptions> options_of(const SignOptions& options) {
    if (options.certificate == nullptr || options.private_key == nullptr) {
        return failure(ErrorCode::invalid_parameter, "sign", "a certificate and its private key are needed");
    }
    smime::SignOptions result{.certificate = x509::Certificate::from_x509(options.certificate),
                              .chain = certificates(options.chain),
                              .private_key = options.private_key,
                              .hash = hash_of(options.digest),
                              .pss = options.pss};
    if (options.encryption_certificate != nullptr) {
        result.encryption_certificate = x509::Certificate::from_x509(options.encryption_certificate);
    }
    result.form = options.opaque ? smime::SignatureForm::opaque : smime::SignatureForm::detached;
    result.header_protection =
        options.protect_headers ? smime::HeaderProtection::clear : smime::HeaderProtection::none;
    return result;
}

smime::EncryptOptions options_of(const EncryptOptions& options) {
    return {.recipients = certificates(options.recipients),
            .cipher = cipher_of(options.cipher),
            .oaep = options.oaep,
            .header_protection =
                options.protect_headers ? smime::HeaderProtection::cipher : smime::HeaderProtection::none,
            .drop_bcc = options.drop_bcc};
}

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

std::vector<smime::DecryptionKey> keys_of(const std::vector<DecryptionKey>& keys) {
    std::vector<smime::DecryptionKey> result;
    for (const DecryptionKey& key : keys) {
        if (key.certificate != nullptr) {
            result.push_back(
                {x509::Certificate::from_x509(key.certificate), [&key] { return open_key(key); }});
        }
    }
    return result;
}

Signer signer_of(const smime::SignerReport& report) {
    Signer signer{.status = std::string(name_of(report.status)),
                  .reason = report.reason,
                  .certificate = nullptr,
                  .emails = report.emails,
                  .signing_time = report.signing_time,
                  .digest_algorithm = report.digest_algorithm};
    if (report.certificate) {
        X509_up_ref(report.certificate->get());
        signer.certificate.reset(report.certificate->get(), X509_free);
    }
    return signer;
}

smime::VerifyOptions options_of(const VerifyOptions& options) {
    return {.trust_anchors = certificates(options.trust_anchors),
            .intermediates = certificates(options.intermediates),
            .use_system_store = options.use_system_store};
}

Status report_on(const Result<smime::Verification>& result, Verification& verification) {
    verification = {};
    if (result) {
        verification.good = result->good;
        for (const auto& report : result->signers) {
            verification.signers.push_back(signer_of(report));
        }
    }
    return status_of(result);
}

// One operation on the caller's streams.
template <class Operation>
Status run(const Input& input, Output& output, Operation operation) {
    const InputSource source(input);
    OutputSink sink(output);
    return status_of(operation(source, sink));
}

}  // namespace

Status sign(const Input& mail, Output& out, const SignOptions& options) {
    return run(mail, out, [&](const auto& source, auto& sink) -> Result<void> {
        SIGNET_TRY(const auto how, options_of(options));
        return smime::sign(source, sink, how);
    });
}

Status sign_content(const Input& content, Output& out, const SignOptions& options) {
    return run(content, out, [&](const auto& source, auto& sink) -> Result<void> {
        SIGNET_TRY(const auto how, options_of(options));
        return smime::sign_content(source, sink, how);
    });
}

Status encrypt(const Input& mail, Output& out, const EncryptOptions& options) {
    return run(mail, out, [&](const auto& source, auto& sink) {
        return smime::encrypt(source, sink, options_of(options));
    });
}

Status encrypt_content(const Input& content, Output& out, const EncryptOptions& options) {
    return run(content, out, [&](const auto& source, auto& sink) {
        return smime::encrypt_content(source, sink, options_of(options));
    });
}

Status sign_and_encrypt(const Input& mail, Output& out, const SignOptions& signature,
                        const EncryptOptions& encryption) {
    return run(mail, out, [&](const auto& source, auto& sink) -> Result<void> {
        SIGNET_TRY(auto how, options_of(signature));
        how.header_protection = smime::HeaderProtection::none;
        return smime::sign_and_encrypt(source, sink, how, options_of(encryption));
    });
}

Status decrypt(const Input& mail, Output& out, const std::vector<DecryptionKey>& keys) {
    return run(mail, out,
               [&](const auto& source, auto& sink) { return smime::decrypt(source, sink, keys_of(keys)); });
}

Status decrypt_content(const Input& cms, Output& out, const std::vector<DecryptionKey>& keys) {
    return run(cms, out, [&](const auto& source, auto& sink) {
        return smime::decrypt_cms(source, sink, keys_of(keys));
    });
}

Status verify(const Input& mail, const VerifyOptions& options, Verification& verification) {
    const InputSource source(mail);
    return report_on(smime::verify(source, options_of(options)), verification);
}

Status verify_content(const Input& cms, const Input* content, const VerifyOptions& options,
                      Verification& verification) {
    const InputSource source(cms);
    std::optional<InputSource> beside;
    if (content != nullptr) {
        beside.emplace(*content);
    }
    return report_on(smime::verify_cms(source, beside ? &*beside : nullptr, options_of(options)),
                     verification);
}

}  // namespace signet::mail
