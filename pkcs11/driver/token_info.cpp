#include "pkcs11/driver/token_info.h"

#include "base/bytes.h"
#include "pkcs11/driver/error.h"

#include <fmt/format.h>

#include <cctype>

namespace signet::pkcs11 {
namespace {

// Fixed-length, padded with blanks; some modules end it with a NUL all the same.
template <std::size_t size>
std::string_view field(const unsigned char (&octets)[size]) {
    std::string_view text(reinterpret_cast<const char*>(octets), size);
    text = text.substr(0, text.find('\0'));
    const std::size_t last = text.find_last_not_of(' ');
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string version_text(const CK_VERSION& version) {
    return version.major == 0 && version.minor == 0 ? std::string()
                                                    : fmt::format("{}.{}", version.major, version.minor);
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (std::isalnum(octet) != 0 || c == '-' || c == '.' || c == '_') {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", octet);
        }
    }
    return out;
}

}  // namespace

token::PinState TokenInfo::pin_state() const {
    if (has(CKF_USER_PIN_LOCKED)) {
        return token::PinState::blocked;
    }
    if (!has(CKF_USER_PIN_INITIALIZED)) {
        return token::PinState::not_set;
    }
    if (has(CKF_USER_PIN_FINAL_TRY)) {
        return token::PinState::final_try;
    }
    return has(CKF_USER_PIN_COUNT_LOW) ? token::PinState::low : token::PinState::ok;
}

Result<TokenInfo> read_token_info(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    CK_TOKEN_INFO raw{};
    SIGNET_CHECK(check("C_GetTokenInfo", functions.C_GetTokenInfo(slot, &raw)));
    TokenInfo info{.label = printable_utf8(field(raw.label)),
                   .manufacturer = printable_utf8(field(raw.manufacturerID)),
                   .model = printable_utf8(field(raw.model)),
                   .serial = printable_utf8(field(raw.serialNumber)),
                   .firmware = version_text(raw.firmwareVersion),
                   .shortest_pin = raw.ulMinPinLen,
                   .longest_pin = raw.ulMaxPinLen,
                   .flags = raw.flags};
    if (info.serial.find_first_not_of("0 ") == std::string::npos) {
        info.serial.clear();
    }
    return info;
}

std::string identity_from_serial(const TokenInfo& info) {
    return percent_encoded(info.manufacturer) + ":" + percent_encoded(info.model) + ":" +
           percent_encoded(info.serial);
}

std::string identity_from_key(const std::string& key_id) {
    return "key:" + key_id;
}

}  // namespace signet::pkcs11
