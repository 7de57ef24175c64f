#include "smime/public/signet/smime.h"

#include "smime/encrypt.h"
#include "smime/public/convert.h"
#include "smime/sign.h"
#include "smime/wrap.h"

#include <deque>
#include <span>

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

// Header protection belongs to the encryption around it.
Result<smime::SignOptions> signature_inside(const SignOptions& options) {
    SIGNET_TRY(auto how, options_of(options));
    how.header_protection = smime::HeaderProtection::none;
    return how;
}

template <class Operation>
Status for_each_message(const std::vector<Message>& messages, Operation operation) {
    std::deque<OutputSink> sinks;
    std::vector<smime::Encryption> encryptions;
    encryptions.reserve(messages.size());
    for (const Message& message : messages) {
        if (message.out == nullptr) {
            return {.code = Code::invalid_parameter,
                    .operation = "encrypt",
                    .detail = "a message without output"};
        }
        encryptions.push_back({&sinks.emplace_back(*message.out), options_of(message.encryption)});
    }
    return status_of(operation(std::span<const smime::Encryption>(encryptions)));
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
    return sign_and_encrypt(mail, {Message{.out = &out, .encryption = encryption}}, signature);
}

Status sign_and_encrypt(const Input& mail, const std::vector<Message>& messages,
                        const SignOptions& signature) {
    return for_each_message(messages, [&](const auto& encryptions) -> Result<void> {
        SIGNET_TRY(const auto how, signature_inside(signature));
        return smime::sign_and_encrypt(InputSource(mail), encryptions, how);
    });
}

Status triple_wrap(const Input& mail, const std::vector<Message>& messages, const SignOptions& inner,
                   const SignOptions& outer) {
    return for_each_message(messages, [&](const auto& encryptions) -> Result<void> {
        SIGNET_TRY(const auto how, signature_inside(inner));
        SIGNET_TRY(const auto around, options_of(outer));
        return smime::triple_wrap(InputSource(mail), encryptions, how, around);
    });
}

Status certs_only(const std::vector<X509*>& certificates, std::string_view header, Output& out) {
    OutputSink sink(out);
    return status_of(smime::certs_only(mail::certificates(certificates), header, sink));
}

Status certs_only_content(const std::vector<X509*>& certificates, Output& out) {
    OutputSink sink(out);
    return status_of(smime::certs_only_content(mail::certificates(certificates), sink));
}

}  // namespace signet::mail
