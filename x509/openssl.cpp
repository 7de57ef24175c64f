#include "x509/openssl.h"

#include <openssl/err.h>

#include <array>
#include <optional>
#include <utility>

namespace signet::x509 {
namespace {

// libp11 reports a CK_RV as the reason of a library number that it draws when it is loaded.
bool from_engine(unsigned long entry) {
    return ERR_GET_LIB(entry) >= ERR_LIB_USER;
}

// Of PKCS #11 v2.40 section 5.1: only what says that the key could not be used.
std::optional<ErrorCode> key_state_of(int ck_rv) {
    switch (ck_rv) {
        case 0x50:  // CKR_FUNCTION_CANCELED
            return ErrorCode::cancelled;
        case 0x30:  // CKR_DEVICE_ERROR
            return ErrorCode::driver_failed;
        case 0x32:  // CKR_DEVICE_REMOVED
        case 0xE0:  // CKR_TOKEN_NOT_PRESENT
            return ErrorCode::token_removed;
        case 0x60:  // CKR_KEY_HANDLE_INVALID
            return ErrorCode::key_not_found;
        case 0xA0:  // CKR_PIN_INCORRECT
            return ErrorCode::pin_incorrect;
        case 0xA4:  // CKR_PIN_LOCKED
            return ErrorCode::pin_blocked;
        case 0x101:  // CKR_USER_NOT_LOGGED_IN
            return ErrorCode::pin_required;
        case 0x1B:   // CKR_ACTION_PROHIBITED
        case 0x200:  // CKR_FUNCTION_REJECTED
            return ErrorCode::not_allowed;
        default:
            return std::nullopt;
    }
}

void append_entry(Error& error, unsigned long entry) {
    std::array<char, 256> text{};
    ERR_error_string_n(entry, text.data(), text.size());
    if (!error.detail.empty()) {
        error.detail += "; ";
    }
    error.detail += text.data();
}

}  // namespace

Error openssl_error(std::string operation, ErrorCode code) {
    Error error{.code = code, .operation = std::move(operation), .detail = {}};
    while (const unsigned long entry = ERR_get_error()) {
        append_entry(error, entry);
    }
    if (error.detail.empty()) {
        error.detail = "OpenSSL gave no reason";
    }
    return error;
}

Error key_error(std::string operation) {
    Error error{.code = ErrorCode::crypto, .operation = std::move(operation), .detail = {}};
    while (const unsigned long entry = ERR_get_error()) {
        append_entry(error, entry);
        const auto state = from_engine(entry) ? key_state_of(ERR_GET_REASON(entry)) : std::nullopt;
        if (state) {
            error.code = *state;
            error.native_code = ERR_GET_REASON(entry);
        }
    }
    return error;
}

BioPointer memory_reader(ByteView octets) {
    BioPointer bio(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
    if (bio) {
        BIO_set_mem_eof_return(bio.get(), 0);
    }
    return bio;
}

ByteView memory_content(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {reinterpret_cast<const std::uint8_t*>(data), size > 0 ? static_cast<std::size_t>(size) : 0};
}

}  // namespace signet::x509
