// PKCS#11 section 5.9: decryption with RSA keys, and of keys that are wrapped with a derived key: NSS
// derives, and then wants the same slot to unwrap. C_DecryptInit is local; questions for the size never reach
// the agent.
#include "ipc/codec.h"
#include "pkcs11/module/key_unwrap.h"
#include "pkcs11/module/key_use.h"
#include "pkcs11/module/token_objects.h"

#include <algorithm>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

struct Output {
    unsigned char* buffer;
    CK_ULONG* length;
};

Outcome<signet::Secret> decrypt(Library& library, const DecryptOperation& operation) {
    if (!operation.unwrapping_key.empty()) {
        return unwrap_key(operation.unwrapping_key.expose(), operation.call.ciphertext);
    }
    if (operation.call.ciphertext.size() != operation.max_input) {
        return Refusal(CKR_ENCRYPTED_DATA_LEN_RANGE);
    }
    auto octets =
        ask_agent(library, "org.signet.agent.Decrypt", signet::ipc::encode(operation.call), "plaintext");
    if (!octets) {
        return Refusal(octets.error());
    }
    auto plaintext = signet::Secret::copy_of(*octets);
    signet::wipe(*octets);
    if (!plaintext || plaintext->size() > operation.max_input) {
        return Refusal(CKR_DEVICE_ERROR);
    }
    return std::move(*plaintext);
}

// Decrypts unless that was done for a smaller buffer before, and ends the operation unless the buffer is too
// small.
CK_RV finish(Library& library, CK_SESSION_HANDLE session, DecryptOperation operation, Output output) {
    if (!operation.plaintext) {
        auto plaintext = decrypt(library, operation);
        if (!plaintext) {
            return plaintext.error();
        }
        operation.plaintext = std::move(*plaintext);
    }
    const signet::ByteView octets = operation.plaintext->expose();
    const CK_ULONG room = *output.length;
    *output.length = octets.size();
    if (room >= octets.size()) {
        std::copy(octets.begin(), octets.end(), output.buffer);
        return CKR_OK;
    }
    return library.sessions.with(session, [&operation](Session& known) -> CK_RV {
        known.decrypt = std::move(operation);
        return CKR_BUFFER_TOO_SMALL;
    });
}

// What can be said without decrypting: the longest that the plaintext may be.
std::size_t size_of_answer(const DecryptOperation& operation) {
    return operation.plaintext ? operation.plaintext->size() : operation.max_input;
}

bool append(DecryptOperation& operation, const unsigned char* data, CK_ULONG length) {
    signet::Bytes& collected = operation.call.ciphertext;
    if (length > operation.max_input - collected.size()) {
        return false;
    }
    collected.insert(collected.end(), data, data + length);
    return true;
}

// Takes the operation out of the session, or answers without it.
template <class Check>
CK_RV take(Library& library, CK_SESSION_HANDLE session, Output output,
           std::optional<DecryptOperation>& operation, Check check) {
    return library.sessions.with(session, [&](Session& known) -> CK_RV {
        if (!known.decrypt) {
            return CKR_OPERATION_NOT_INITIALIZED;
        }
        if (const CK_RV sound = check(*known.decrypt); sound != CKR_OK) {
            return sound;
        }
        if (output.length == nullptr) {
            known.decrypt.reset();
            return CKR_ARGUMENTS_BAD;
        }
        if (output.buffer == nullptr) {
            *output.length = size_of_answer(*known.decrypt);
            return CKR_OK;
        }
        operation = std::move(*known.decrypt);
        known.decrypt.reset();
        return CKR_OK;
    });
}

Outcome<DecryptOperation> start_decryption(Library& library, CK_SESSION_HANDLE session,
                                           const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
    const auto found = find_private_key(library, session, key);
    if (!found) {
        return Refusal(found.error());
    }
    auto call = decryption_request(mechanism, *found->key);
    if (!call) {
        return Refusal(call.error());
    }
    DecryptOperation operation;
    operation.call = std::move(*call);
    operation.call.use = key_use(library, *found);
    operation.max_input = key_size(*found->key);
    return operation;
}

// Works with any derived key. The mechanism is not listed: NSS would see a token that does AES.
Outcome<DecryptOperation> start_unwrapping(Library& library, CK_SESSION_HANDLE session,
                                           const CK_MECHANISM& mechanism, CK_OBJECT_HANDLE key) {
    if (const auto place = library.sessions.place_of(session); !place) {
        return Refusal(place.error());
    }
    if (mechanism.ulParameterLen != 0) {
        return Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    DecryptOperation operation;
    operation.max_input = max_wrapped_key;
    const auto found = library.sessions.with_object(key, [&operation](const Object& object) -> CK_RV {
        const std::size_t size = object.value.size();
        if (size != 16 && size != 24 && size != 32) {
            return CKR_KEY_SIZE_RANGE;
        }
        operation.unwrapping_key = object.value.clone();
        return CKR_OK;
    });
    if (found.value_or(CKR_KEY_HANDLE_INVALID) != CKR_OK) {
        return Refusal(found.value_or(CKR_KEY_HANDLE_INVALID));
    }
    return operation;
}

}  // namespace

CK_RV C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return with_library([=](Library& library) -> CK_RV {
        if (mechanism == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        auto operation = mechanism->mechanism == CKM_AES_KEY_WRAP
                             ? start_unwrapping(library, session, *mechanism, key)
                             : start_decryption(library, session, *mechanism, key);
        if (!operation) {
            return operation.error();
        }
        return library.sessions.with(session, [&operation](Session& known) -> CK_RV {
            if (known.decrypt) {
                return CKR_OPERATION_ACTIVE;
            }
            known.decrypt = std::move(*operation);
            return CKR_OK;
        });
    });
}

CK_RV C_Decrypt(CK_SESSION_HANDLE session, unsigned char* encrypted_data, CK_ULONG encrypted_data_len,
                unsigned char* data, CK_ULONG* data_len) {
    return with_library([=](Library& library) -> CK_RV {
        const Output output{.buffer = data, .length = data_len};
        std::optional<DecryptOperation> operation;
        const CK_RV answer =
            take(library, session, output, operation, [=](const DecryptOperation& active) -> CK_RV {
                if (active.in_parts) {
                    return CKR_OPERATION_ACTIVE;
                }
                return encrypted_data == nullptr && encrypted_data_len != 0 ? CKR_ARGUMENTS_BAD : CKR_OK;
            });
        if (!operation) {
            return answer;
        }
        operation->call.ciphertext.clear();
        return append(*operation, encrypted_data, encrypted_data_len)
                   ? finish(library, session, std::move(*operation), output)
                   : CKR_ENCRYPTED_DATA_LEN_RANGE;
    });
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE session, unsigned char* encrypted_part, CK_ULONG encrypted_part_len,
                      unsigned char* /*part*/, CK_ULONG* part_len) {
    return with_library([=](Library& library) {
        return library.sessions.with(session, [=](Session& known) -> CK_RV {
            if (!known.decrypt) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            if (part_len == nullptr || (encrypted_part == nullptr && encrypted_part_len != 0)) {
                known.decrypt.reset();
                return CKR_ARGUMENTS_BAD;
            }
            known.decrypt->in_parts = true;
            if (!append(*known.decrypt, encrypted_part, encrypted_part_len)) {
                known.decrypt.reset();
                return CKR_ENCRYPTED_DATA_LEN_RANGE;
            }
            *part_len = 0;
            return CKR_OK;
        });
    });
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE session, unsigned char* last_part, CK_ULONG* last_part_len) {
    return with_library([=](Library& library) -> CK_RV {
        const Output output{.buffer = last_part, .length = last_part_len};
        std::optional<DecryptOperation> operation;
        const CK_RV answer = take(library, session, output, operation,
                                  [](const DecryptOperation&) -> CK_RV { return CKR_OK; });
        return operation ? finish(library, session, std::move(*operation), output) : answer;
    });
}
