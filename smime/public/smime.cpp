#include "smime/public/signet/smime.h"

#include "smime/encrypt.h"
#include "smime/public/convert.h"
#include "smime/sign.h"
#include "smime/wrap.h"

#include <deque>
#include <span>

namespace signet::mail {
namespace {

Result<std::optional<HashAlgorithm>> hash_of(Digest digest) {
    switch (digest) {
        case Digest::automatic:
            return std::nullopt;
        case Digest::sha256:
            return HashAlgorithm::sha256;
        case Digest::sha384:
            return HashAlgorithm::sha384;
        case Digest::sha512:
            return HashAlgorithm::sha512;
    }
    return failure(ErrorCode::invalid_parameter, "sign", "an unknown digest");
}

Result<smime::ContentCipher> cipher_of(Cipher cipher) {
    switch (cipher) {
        case Cipher::aes128_cbc:
            return smime::ContentCipher::aes128_cbc;
        case Cipher::aes256_cbc:
            return smime::ContentCipher::aes256_cbc;
        case Cipher::aes128_gcm:
            return smime::ContentCipher::aes128_gcm;
        case Cipher::aes256_gcm:
            return smime::ContentCipher::aes256_gcm;
    }
    return failure(ErrorCode::invalid_parameter, "encrypt", "an unknown cipher");
}

Result<smime::SignOptions> options_of(const SignOptions& options) {
    if (options.certificate == nullptr || options.private_key == nullptr) {
        return failure(ErrorCode::invalid_parameter, "sign", "a certificate and its private key are needed");
    }
    smime::SignOptions result{.certificate = x509::Certificate::from_x509(options.certificate),
                              .chain = {},
                              .private_key = options.private_key,
                              .hash = {},
                              .pss = options.pss};
    SIGNET_TRY(result.chain, certificates(options.chain));
    SIGNET_TRY(result.hash, hash_of(options.digest));
    if (options.encryption_certificate != nullptr) {
        result.encryption_certificate = x509::Certificate::from_x509(options.encryption_certificate);
    }
    result.form = options.opaque ? smime::SignatureForm::opaque : smime::SignatureForm::detached;
    result.header_protection =
        options.protect_headers ? smime::HeaderProtection::clear : smime::HeaderProtection::none;
    return result;
}

Result<smime::EncryptOptions> options_of(const EncryptOptions& options) {
    smime::EncryptOptions result;
    SIGNET_TRY(result.recipients, certificates(options.recipients));
    SIGNET_TRY(result.cipher, cipher_of(options.cipher));
    result.oaep = options.oaep;
    result.header_protection =
        options.protect_headers ? smime::HeaderProtection::cipher : smime::HeaderProtection::none;
    result.drop_bcc = options.drop_bcc;
    return result;
}

// Header protection belongs to the encryption around it.
Result<smime::SignOptions> signature_inside(const SignOptions& options) {
    SIGNET_TRY(auto how, options_of(options));
    how.header_protection = smime::HeaderProtection::none;
    return how;
}

// What the messages ask for; `sinks` holds their outputs.
Result<std::vector<smime::Encryption>> encryptions_of(const std::vector<Message>& messages,
                                                      std::deque<OutputSink>& sinks) {
    if (messages.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "no messages");
    }
    std::vector<smime::Encryption> encryptions;
    encryptions.reserve(messages.size());
    for (const Message& message : messages) {
        if (message.out == nullptr) {
            return failure(ErrorCode::invalid_parameter, "encrypt", "a message without output");
        }
        SIGNET_TRY(auto options, options_of(message.encryption));
        encryptions.push_back({&sinks.emplace_back(*message.out), std::move(options)});
    }
    return encryptions;
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
    return run(mail, out, [&](const auto& source, auto& sink) -> Result<void> {
        SIGNET_TRY(const auto how, options_of(options));
        return smime::encrypt(source, sink, how);
    });
}

Status encrypt_content(const Input& content, Output& out, const EncryptOptions& options) {
    return run(content, out, [&](const auto& source, auto& sink) -> Result<void> {
        SIGNET_TRY(const auto how, options_of(options));
        return smime::encrypt_content(source, sink, how);
    });
}

Status sign_and_encrypt(const Input& mail, Output& out, const SignOptions& signature,
                        const EncryptOptions& encryption) {
    return sign_and_encrypt(mail, {Message{.out = &out, .encryption = encryption}}, signature);
}

Status sign_and_encrypt(const Input& mail, const std::vector<Message>& messages,
                        const SignOptions& signature) {
    std::deque<OutputSink> sinks;
    const auto run = [&]() -> Result<void> {
        SIGNET_TRY(const auto encryptions, encryptions_of(messages, sinks));
        SIGNET_TRY(const auto how, signature_inside(signature));
        return smime::sign_and_encrypt(InputSource(mail), encryptions, how);
    };
    return status_of(run());
}

Status triple_wrap(const Input& mail, const std::vector<Message>& messages, const SignOptions& inner,
                   const SignOptions& outer) {
    std::deque<OutputSink> sinks;
    const auto run = [&]() -> Result<void> {
        SIGNET_TRY(const auto encryptions, encryptions_of(messages, sinks));
        SIGNET_TRY(const auto how, signature_inside(inner));
        SIGNET_TRY(const auto around, options_of(outer));
        return smime::triple_wrap(InputSource(mail), encryptions, how, around);
    };
    return status_of(run());
}

Status certs_only(const std::vector<X509*>& certificates, std::string_view header, Output& out) {
    OutputSink sink(out);
    return status_of(mail::certificates(certificates).and_then([&](const auto& borrowed) {
        return smime::certs_only(borrowed, header, sink);
    }));
}

Status certs_only_content(const std::vector<X509*>& certificates, Output& out) {
    OutputSink sink(out);
    return status_of(mail::certificates(certificates).and_then([&](const auto& borrowed) {
        return smime::certs_only_content(borrowed, sink);
    }));
}

}  // namespace signet::mail
