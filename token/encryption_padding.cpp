#include "token/encryption_padding.h"

#include "token/constant_time.h"
#include "token/digest.h"

#include <algorithm>

namespace signet::token {
namespace {

using constant_time::Mask;
using constant_time::select;

// 00 02, at least eight octets of padding, 00.
constexpr std::size_t pkcs1_overhead = 11;
constexpr std::size_t length_candidates = 128;

// IRPRF of draft-irtf-cfrg-rsa-guidance: HMAC over counter, label and the wanted length in bits.
Result<Bytes> pseudo_random(ByteView key, std::string_view label, std::size_t size) {
    Bytes out;
    for (std::uint32_t counter = 0; out.size() < size; ++counter) {
        Bytes input{static_cast<std::uint8_t>(counter >> 8), static_cast<std::uint8_t>(counter)};
        input.insert(input.end(), label.begin(), label.end());
        input.push_back(static_cast<std::uint8_t>(size * 8 >> 8));
        input.push_back(static_cast<std::uint8_t>(size * 8));
        SIGNET_TRY(const Bytes part, hmac_sha256(key, input));
        out.insert(out.end(), part.begin(), part.end());
    }
    out.resize(size);
    return out;
}

std::uint64_t low_bits_covering(std::uint64_t value) {
    std::uint64_t mask = 1;
    while (mask < value) {
        mask = mask << 1 | 1;
    }
    return mask;
}

// The last candidate that is not too long; with 128 of them one always is, but for a chance below 2^-128.
std::size_t chosen_length(ByteView candidates, std::size_t longest) {
    const std::uint64_t covering = low_bits_covering(longest);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i + 1 < candidates.size(); i += 2) {
        const std::uint64_t candidate =
            (std::uint64_t{candidates[i]} << 8 | std::uint64_t{candidates[i + 1]}) & covering;
        length = select(constant_time::less(candidate, longest + 1), candidate, length);
    }
    return static_cast<std::size_t>(length);
}

struct Pkcs1Block {
    Mask good;
    std::size_t message_begin;
};

Pkcs1Block read_pkcs1_block(ByteView block) {
    Mask good = constant_time::is_zero(block[0]) & constant_time::equal(block[1], 2);
    std::uint64_t separator = 0;
    Mask found = 0;
    for (std::size_t i = 2; i < block.size(); ++i) {
        const Mask is_separator = constant_time::is_zero(block[i]) & ~found;
        separator = select(is_separator, i, separator);
        found |= is_separator;
    }
    good &= found & ~constant_time::less(separator, pkcs1_overhead - 1);
    return {.good = good, .message_begin = static_cast<std::size_t>(separator + 1)};
}

}  // namespace

Result<SubstitutePlaintext> substitute_plaintext(ByteView secret, ByteView ciphertext,
                                                 std::size_t modulus_size) {
    SIGNET_TRY(Bytes key, hmac_sha256(secret, ciphertext));
    SIGNET_TRY(const Bytes lengths, pseudo_random(key, "length", 2 * length_candidates));
    SIGNET_TRY(Bytes block, pseudo_random(key, "message", modulus_size));
    wipe(key);
    return SubstitutePlaintext{.block = std::move(block),
                               .length = chosen_length(lengths, modulus_size - pkcs1_overhead)};
}

Bytes pkcs1_message_or_substitute(Bytes block, SubstitutePlaintext substitute) {
    const std::size_t size = block.size();
    const Pkcs1Block parsed = read_pkcs1_block(block);
    const auto begin =
        static_cast<std::size_t>(select(parsed.good, parsed.message_begin, size - substitute.length));
    for (std::size_t i = 0; i < size; ++i) {
        block[i] = constant_time::select_octet(parsed.good, block[i], substitute.block[i]);
    }
    constant_time::shift_to_front(block, begin);
    Bytes message(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size - begin));
    wipe(block);
    wipe(substitute.block);
    return message;
}

Failure oaep_failure() {
    return failure(ErrorCode::driver_failed, "C_Decrypt", "the OAEP padding is wrong");
}

Result<Bytes> oaep_message(const OaepParameters& parameters, Bytes block) {
    const std::size_t hash_size = digest_size(parameters.hash);
    if (block.size() < 2 * hash_size + 2) {
        return oaep_failure();
    }
    SIGNET_TRY(const Bytes label_hash, digest(parameters.hash, parameters.label));
    const std::span<std::uint8_t> seed = std::span(block).subspan(1, hash_size);
    const std::span<std::uint8_t> data = std::span(block).subspan(1 + hash_size);
    SIGNET_CHECK(apply_mgf1(parameters.mask_hash, data, seed));
    SIGNET_CHECK(apply_mgf1(parameters.mask_hash, seed, data));

    std::uint64_t difference = block[0];
    for (std::size_t i = 0; i < hash_size; ++i) {
        difference |= std::uint64_t{data[i]} ^ std::uint64_t{label_hash[i]};
    }
    Mask good = constant_time::is_zero(difference);
    Mask found = 0;
    std::uint64_t separator = 0;
    for (std::size_t i = hash_size; i < data.size(); ++i) {
        const Mask is_one = constant_time::equal(data[i], 1) & ~found;
        separator = select(is_one, i, separator);
        good &= found | is_one | constant_time::is_zero(data[i]);
        found |= is_one;
    }
    if ((good & found) == 0) {
        wipe(block);
        return oaep_failure();
    }
    Bytes message(data.begin() + static_cast<std::ptrdiff_t>(separator) + 1, data.end());
    wipe(block);
    return message;
}

}  // namespace signet::token
