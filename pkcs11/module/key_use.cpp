#include "pkcs11/module/key_use.h"

#include "ipc/codec.h"
#include "pkcs11/module/return_values.h"

namespace signet::module {
namespace {

// Where the answer says that what we know of the tokens is out of date.
bool contradicts_inventory(ErrorCode code) {
    return code == ErrorCode::token_removed || code == ErrorCode::token_not_found ||
           code == ErrorCode::key_not_found || code == ErrorCode::agent_unavailable ||
           code == ErrorCode::pin_blocked;
}

}  // namespace

Outcome<PrivateKey> find_private_key(Library& library, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle) {
    const auto place = library.sessions.place_of(session);
    if (!place) {
        return Refusal(place.error());
    }
    TokenPointer token = library.inventory.find_token(place->token);
    if (token == nullptr) {
        return Refusal(CKR_DEVICE_REMOVED);
    }
    const Object* object = token->find(handle);
    if (object == nullptr || object->key == nullptr) {
        return Refusal(CKR_KEY_HANDLE_INVALID);
    }
    if (object->object_class != CKO_PRIVATE_KEY) {
        return Refusal(CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
    return PrivateKey{.token = std::move(token), .key = object->key};
}

ipc::KeyUse key_use(Library& library, const PrivateKey& key) {
    return {.token = key.token->token.id,
            .key = key.key->id,
            .environment = library.environment(),
            .pin = std::nullopt};
}

Outcome<Bytes> ask_agent(Library& library, std::string_view method, std::string parameters,
                         std::string_view field) {
    const auto reply = library.connections.call(method, parameters);
    wipe(parameters);
    auto octets = reply ? ipc::decode_octets(reply->parameters, field) : Failure(reply.error());
    if (octets) {
        return std::move(*octets);
    }
    if (contradicts_inventory(octets.error().code)) {
        library.inventory.expire();
    }
    return Refusal(return_value(octets.error()));
}

}  // namespace signet::module
