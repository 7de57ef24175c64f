#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>

namespace signet::test::piv_card {

// Management key algorithms of SP 800-78-5; 0x00 is another name of 3DES on the wire only.
enum class CipherAlgorithm : std::uint8_t {
    triple_des = 0x03,
    aes_128 = 0x08,
    aes_192 = 0x0A,
    aes_256 = 0x0C
};

std::optional<CipherAlgorithm> cipher_algorithm(std::uint8_t identifier);
std::size_t key_size(CipherAlgorithm algorithm);
std::size_t block_size(CipherAlgorithm algorithm);

// One block, ECB; `key` and `block` have the algorithm's sizes.
Bytes encrypt_block(CipherAlgorithm algorithm, ByteView key, ByteView block);
Bytes random_octets(std::size_t count);

}  // namespace signet::test::piv_card
