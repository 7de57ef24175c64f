#pragma once

#include "ipc/types.h"
#include "pkcs11/module/cryptoki.h"

#include <optional>
#include <vector>

namespace signet::module {

// What the keys of a token can do through this module; nothing symmetric and no raw RSA, on purpose.
std::vector<CK_MECHANISM_TYPE> mechanisms_of(const ipc::Token& token);
std::optional<CK_MECHANISM_INFO> mechanism_info(const ipc::Token& token, CK_MECHANISM_TYPE type);

// A call as a mechanism and its parameters ask for it, still without the data.
struct SignatureRequest {
    ipc::SignCall call;
    std::size_t signature_size;
    bool hashes_message;  // with the call's hash; else the bounds of the data are
    std::size_t min_input;
    std::size_t max_input;
};
Outcome<SignatureRequest> signature_request(const CK_MECHANISM& mechanism, const ipc::Key& key);
Outcome<ipc::DecryptCall> decryption_request(const CK_MECHANISM& mechanism, const ipc::Key& key);
// `value_length` is CKA_VALUE_LEN of the key to be made, where the caller gave it.
Outcome<ipc::DeriveCall> derivation_request(const CK_MECHANISM& mechanism, const ipc::Key& key,
                                            std::optional<CK_ULONG> value_length);

// Longest message that the token itself has to see: what fits into one call to the agent as base64, with room
// to spare for the other fields.
inline constexpr std::size_t max_message_size = std::size_t{720} << 10;

}  // namespace signet::module
