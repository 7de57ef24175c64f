#include "smime/public/convert.h"
#include "smime/token_keys.h"

namespace signet::mail {

struct Tokens::Implementation {
    smime::TokenKeys keys;
};

Tokens::Tokens(std::unique_ptr<Implementation> implementation)
    : m_implementation(std::move(implementation)) {}
Tokens::~Tokens() = default;

Status Tokens::open(const std::string& module, std::unique_ptr<Tokens>& tokens) {
    auto keys = smime::TokenKeys::open(module);
    if (keys) {
        tokens.reset(new Tokens(std::make_unique<Implementation>(Implementation{std::move(*keys)})));
    }
    return status_of(keys);
}

Status Tokens::log_in(const std::string& uri, std::string_view pin) {
    return status_of(m_implementation->keys.log_in(uri, pin));
}

Status Tokens::private_key(const std::string& uri, EVP_PKEY*& key) {
    auto found = m_implementation->keys.private_key(uri);
    if (found) {
        key = found->release();
    }
    return status_of(found);
}

}  // namespace signet::mail
