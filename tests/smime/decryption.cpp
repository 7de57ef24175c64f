#include "tests/smime/decryption.h"

namespace signet::smime::test {

x509::CertificateOutline outline_of(const x509::Certificate& certificate) {
    return x509::CertificateOutline::from_der(certificate.der()).value();
}

DecryptionKey key_of(const signet::test::Identity& identity, int* opened) {
    return {.certificate = outline_of(identity.certificate),
            .open = [key = identity.key, opened]() -> Result<x509::KeyPointer> {
                if (opened != nullptr) {
                    ++*opened;
                }
                EVP_PKEY_up_ref(key.get());
                return x509::KeyPointer(key.get());
            }};
}

Result<std::string> decrypt(std::string_view mail, std::span<const DecryptionKey> keys) {
    TextSink plaintext;
    SIGNET_CHECK(smime::decrypt(TextSource(mail), plaintext, keys));
    return plaintext.take();
}

Result<std::string> decrypt_cms(std::string_view cms, std::span<const DecryptionKey> keys) {
    TextSink plaintext;
    SIGNET_CHECK(smime::decrypt_cms(TextSource(cms), plaintext, keys));
    return plaintext.take();
}

}  // namespace signet::smime::test
