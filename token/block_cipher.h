#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/token_terms.h"

namespace signet::token {

// The ciphers of management keys (SP 800-78-4 table 6-2), in octets.
std::size_t key_size(ManagementAlgorithm algorithm);
std::size_t block_size(ManagementAlgorithm algorithm);

// One block, ECB: how a card and its administrator prove a key to each other. invalid_parameter: a key or
// block of another size.
Result<Bytes> encrypt_block(ManagementAlgorithm algorithm, const Secret& key, ByteView block);
Result<Bytes> decrypt_block(ManagementAlgorithm algorithm, const Secret& key, ByteView block);

Result<Bytes> random_octets(std::size_t count);

}  // namespace signet::token
