#include "base/der.h"
#include "pkcs11/module/token_objects.h"

// A certificate and a public key that a token claims to have, on their way to the attributes of objects.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace signet;
    ipc::Token token;
    for (const KeyType type : {KeyType::rsa, KeyType::ec, KeyType::ed25519}) {
        ipc::Key key;
        key.id = std::string(64, 'a');
        key.type = type;
        key.bits = 2048;
        key.public_key_info.assign(data, data + size);
        token.keys.push_back(key);
    }
    ipc::Certificate certificate;
    certificate.der.assign(data, data + size);
    certificate.key = token.keys.front().id;
    certificate.not_before.assign(reinterpret_cast<const char*>(data), size);
    token.certificates.push_back(certificate);
    CK_OBJECT_HANDLE last = 0;
    module::token_objects(token, [&last](const std::string&) { return ++last; });
    parse_octet_string({data, size});
    return 0;
}
