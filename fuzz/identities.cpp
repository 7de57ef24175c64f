#include "fuzz/identities.h"

#include <cstdio>
#include <cstdlib>

namespace signet::fuzz {

Identities::Identities()
    : trust{.trust_anchors = {authority.certificate()}, .intermediates = {}},
      keys{{.certificate = x509::CertificateOutline::from_der(alice.certificate.der()).value(),
            .open = [key = alice.key]() -> Result<x509::KeyPointer> {
                EVP_PKEY_up_ref(key.get());
                return x509::KeyPointer(key.get());
            }}} {}

const Identities& identities() {
    static const Identities all;
    return all;
}

smime::SignOptions signed_by(const test::Identity& identity, smime::SignatureForm form) {
    smime::SignOptions options{.certificate = identity.certificate, .chain = {}};
    options.private_key = identity.key.get();
    options.form = form;
    return options;
}

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

}  // namespace signet::fuzz
