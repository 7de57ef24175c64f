#include "pkcs11/driver/tokens.h"

#include "base/log.h"
#include "pkcs11/driver/token_objects.h"

#include <algorithm>

namespace signet::pkcs11 {
namespace {

Result<std::string> identity(const Module& module, CK_SLOT_ID slot, const TokenInfo& info) {
    if (!info.serial.empty()) {
        return identity_from_serial(info);
    }
    SIGNET_TRY(const Session session, Session::open(module.functions(), slot));
    SIGNET_TRY(const auto key, first_public_key(session));
    if (!key) {
        return failure(ErrorCode::token_not_found, "identify", "neither a serial number nor a key");
    }
    return identity_from_key(*key);
}

Result<PresentToken> look_into(const Module& module, CK_SLOT_ID slot) {
    SIGNET_TRY(TokenInfo info, read_token_info(module.functions(), slot));
    if (!info.has(CKF_TOKEN_INITIALIZED)) {
        return failure(ErrorCode::token_not_found, "identify", "not initialised");
    }
    SIGNET_TRY(std::string id, identity(module, slot, info));
    return PresentToken{.slot = slot, .info = std::move(info), .id = std::move(id)};
}

void remove_indistinguishable(std::vector<PresentToken>& tokens) {
    std::vector<std::string> ids;
    for (const PresentToken& token : tokens) {
        ids.push_back(token.id);
    }
    std::erase_if(tokens, [&ids](const PresentToken& token) {
        const bool several = std::count(ids.begin(), ids.end(), token.id) > 1;
        if (several) {
            log::warning("several tokens claim to be " + token.id + "; none of them is used");
        }
        return several;
    });
}

}  // namespace

Result<std::vector<PresentToken>> present_tokens(const Module& module) {
    SIGNET_TRY(const auto slots, module.slots());
    std::vector<PresentToken> tokens;
    for (const CK_SLOT_ID slot : slots) {
        if (auto token = look_into(module, slot)) {
            tokens.push_back(*std::move(token));
        } else {
            log::debug("left out a slot: " + token.error().detail);
        }
    }
    remove_indistinguishable(tokens);
    return tokens;
}

Result<PresentToken> find_token(const Module& module, const std::string& id) {
    SIGNET_TRY(auto tokens, present_tokens(module));
    const auto found = std::find_if(tokens.begin(), tokens.end(),
                                    [&id](const PresentToken& token) { return token.id == id; });
    if (found == tokens.end()) {
        return failure(ErrorCode::token_not_found, "find token");
    }
    return std::move(*found);
}

}  // namespace signet::pkcs11
