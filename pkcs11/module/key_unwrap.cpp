#include "pkcs11/module/key_unwrap.h"

#include <nettle/nist-keywrap.h>

#include <array>

namespace signet::module {
namespace {

constexpr std::size_t block = 8;
constexpr std::array<std::uint8_t, block> check_value{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};

// One of nettle's AES contexts with the functions that belong to it, wiped afterwards.
template <class Context>
bool unwrap_with(void (*set_key)(Context*, const std::uint8_t*),
                 int (*unwrap)(Context*, const std::uint8_t*, std::size_t, std::uint8_t*,
                               const std::uint8_t*),
                 ByteView key, ByteView wrapped, Bytes& plain) {
    Context context;
    set_key(&context, key.data());
    const int sound = unwrap(&context, check_value.data(), plain.size(), plain.data(), wrapped.data());
    wipe({reinterpret_cast<std::uint8_t*>(&context), sizeof context});
    return sound == 1;
}

bool unwrap(ByteView key, ByteView wrapped, Bytes& plain) {
    switch (key.size()) {
        case AES128_KEY_SIZE:
            return unwrap_with(aes128_set_decrypt_key, aes128_keyunwrap, key, wrapped, plain);
        case AES192_KEY_SIZE:
            return unwrap_with(aes192_set_decrypt_key, aes192_keyunwrap, key, wrapped, plain);
        case AES256_KEY_SIZE:
            return unwrap_with(aes256_set_decrypt_key, aes256_keyunwrap, key, wrapped, plain);
        default:
            return false;
    }
}

}  // namespace

Outcome<Secret> unwrap_key(ByteView key, ByteView wrapped) {
    if (wrapped.size() < 3 * block || wrapped.size() % block != 0 || wrapped.size() > max_wrapped_key) {
        return Refusal(CKR_ENCRYPTED_DATA_LEN_RANGE);
    }
    Bytes plain(wrapped.size() - block);
    const bool sound = unwrap(key, wrapped, plain);
    auto secret = Secret::copy_of(plain);
    wipe(plain);
    if (!sound) {
        return Refusal(CKR_ENCRYPTED_DATA_INVALID);
    }
    return secret ? Outcome<Secret>(std::move(*secret)) : Refusal(CKR_HOST_MEMORY);
}

}  // namespace signet::module
