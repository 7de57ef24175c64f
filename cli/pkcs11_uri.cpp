#include "cli/pkcs11_uri.h"

namespace signet::cli {

using smime::ObjectKind;

bool matches(const Pkcs11Uri& uri, const ipc::Token& token) {
    return uri.matches({.label = token.label,
                        .manufacturer = token.manufacturer,
                        .model = token.model,
                        .serial = token.serial});
}

bool matches(const Pkcs11Uri& uri, const ipc::Token& token, const ipc::Key& key,
             const ipc::Certificate* certificate) {
    return matches(uri, token) &&
           (uri.matches(ObjectKind::private_key, key.label, key.object_id) ||
            uri.matches(ObjectKind::public_key, key.label, key.object_id) ||
            (certificate != nullptr &&
             uri.matches(ObjectKind::certificate, certificate->label, certificate->object_id)));
}

}  // namespace signet::cli
