// PKCS#11 section 5.11: signatures. C_SignInit is local, as is the hashing of messages; C_Sign and
// C_SignFinal are one round trip, and questions for the size never reach the agent.
#include "ipc/codec.h"
#include "pkcs11/module/key_use.h"

#include <algorithm>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

struct Output {
    unsigned char* buffer;
    CK_ULONG* length;
};

// What a call answers before anything is signed; nothing when it is to sign now.
std::optional<CK_RV> answer_size(const SignOperation& operation, Output output) {
    const std::size_t size = operation.request.signature_size;
    if (output.buffer != nullptr && *output.length >= size) {
        return std::nullopt;
    }
    *output.length = size;
    return output.buffer == nullptr ? CKR_OK : CKR_BUFFER_TOO_SMALL;
}

std::unique_ptr<SignOperation> begin(SignatureRequest request) {
    auto operation = std::make_unique<SignOperation>();
    operation->request = std::move(request);
    if (operation->request.hashes_message) {
        operation->digest.emplace(*operation->request.call.hash);
    }
    return operation;
}

bool append(SignOperation& operation, const unsigned char* data, CK_ULONG length) {
    if (operation.digest) {
        operation.digest->update({data, length});
        return true;
    }
    signet::Bytes& collected = operation.request.call.data;
    if (length > operation.request.max_input - collected.size()) {
        return false;
    }
    collected.insert(collected.end(), data, data + length);
    return true;
}

CK_RV sign(Library& library, SignOperation& operation, Output output) {
    if (operation.digest) {
        operation.request.call.data = operation.digest->finish();
    } else if (operation.request.call.data.size() < operation.request.min_input) {
        return CKR_DATA_LEN_RANGE;
    }
    const auto signature =
        ask_agent(library, "org.signet.agent.Sign", signet::ipc::encode(operation.request.call), "signature");
    if (!signature) {
        return signature.error();
    }
    if (signature->size() != operation.request.signature_size) {
        return CKR_DEVICE_ERROR;
    }
    std::copy(signature->begin(), signature->end(), output.buffer);
    *output.length = signature->size();
    return CKR_OK;
}

}  // namespace

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return with_library([=](Library& library) -> CK_RV {
        if (mechanism == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        const auto found = find_private_key(library, session, key);
        if (!found) {
            return found.error();
        }
        auto request = signature_request(*mechanism, *found->key);
        if (!request) {
            return request.error();
        }
        request->call.use = key_use(library, *found);
        return library.sessions.with(session, [&request](Session& known) -> CK_RV {
            if (known.sign) {
                return CKR_OPERATION_ACTIVE;
            }
            known.sign = begin(std::move(*request));
            return CKR_OK;
        });
    });
}

CK_RV C_Sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG data_len, unsigned char* signature,
             CK_ULONG* signature_len) {
    return with_library([=](Library& library) -> CK_RV {
        const Output output{.buffer = signature, .length = signature_len};
        std::unique_ptr<SignOperation> operation;
        const CK_RV answer = library.sessions.with(session, [&](Session& known) -> CK_RV {
            if (!known.sign) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            if (known.sign->in_parts) {
                return CKR_OPERATION_ACTIVE;
            }
            if (signature_len == nullptr || (data == nullptr && data_len != 0)) {
                known.sign.reset();
                return CKR_ARGUMENTS_BAD;
            }
            if (const auto size = answer_size(*known.sign, output)) {
                return *size;
            }
            operation = std::move(known.sign);
            return CKR_OK;
        });
        if (!operation) {
            return answer;
        }
        return append(*operation, data, data_len) ? sign(library, *operation, output) : CKR_DATA_LEN_RANGE;
    });
}

// The operation is out of the session meanwhile: hashing a long part must not hold up other sessions.
CK_RV C_SignUpdate(CK_SESSION_HANDLE session, unsigned char* part, CK_ULONG part_len) {
    return with_library([=](Library& library) -> CK_RV {
        std::unique_ptr<SignOperation> operation;
        const CK_RV answer = library.sessions.with(session, [&](Session& known) -> CK_RV {
            if (!known.sign) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            operation = std::move(known.sign);
            return part == nullptr && part_len != 0 ? CKR_ARGUMENTS_BAD : CKR_OK;
        });
        if (answer != CKR_OK) {
            return answer;
        }
        operation->in_parts = true;
        if (!append(*operation, part, part_len)) {
            return CKR_DATA_LEN_RANGE;
        }
        return library.sessions.with(session, [&operation](Session& known) -> CK_RV {
            if (known.sign) {
                return CKR_OPERATION_ACTIVE;
            }
            known.sign = std::move(operation);
            return CKR_OK;
        });
    });
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, unsigned char* signature, CK_ULONG* signature_len) {
    return with_library([=](Library& library) -> CK_RV {
        const Output output{.buffer = signature, .length = signature_len};
        std::unique_ptr<SignOperation> operation;
        const CK_RV answer = library.sessions.with(session, [&](Session& known) -> CK_RV {
            if (!known.sign) {
                return CKR_OPERATION_NOT_INITIALIZED;
            }
            if (signature_len == nullptr) {
                known.sign.reset();
                return CKR_ARGUMENTS_BAD;
            }
            if (const auto size = answer_size(*known.sign, output)) {
                return *size;
            }
            operation = std::move(known.sign);
            return CKR_OK;
        });
        return operation ? sign(library, *operation, output) : answer;
    });
}
