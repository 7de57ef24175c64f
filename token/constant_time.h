#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Arithmetic whose time and memory accesses do not depend on values. A mask is all ones for true, zero for
// false.
namespace signet::token::constant_time {

using Mask = std::uint64_t;

// Hides from the optimiser that a value is a mask, lest it make a branch of it.
inline Mask opaque(Mask value) {
    __asm__("" : "+r"(value));
    return value;
}

inline Mask mask_from_top_bit(std::uint64_t value) {
    return opaque(Mask{0} - (value >> 63));
}
inline Mask is_zero(std::uint64_t value) {
    return mask_from_top_bit(~value & (value - 1));
}
inline Mask equal(std::uint64_t a, std::uint64_t b) {
    return is_zero(a ^ b);
}
// For values below 2^63.
inline Mask less(std::uint64_t a, std::uint64_t b) {
    return mask_from_top_bit(a - b);
}
inline std::uint64_t select(Mask mask, std::uint64_t if_true, std::uint64_t if_false) {
    return (opaque(mask) & if_true) | (opaque(~mask) & if_false);
}
inline std::uint8_t select_octet(Mask mask, std::uint8_t if_true, std::uint8_t if_false) {
    return static_cast<std::uint8_t>(select(mask, if_true, if_false));
}

// Moves the content `distance` octets towards the front; distance is at most octets.size().
inline void shift_to_front(std::span<std::uint8_t> octets, std::size_t distance) {
    for (std::size_t step = 1; step <= octets.size(); step <<= 1) {
        const Mask moves = ~is_zero(distance & step);
        for (std::size_t i = 0; i < octets.size(); ++i) {
            const std::uint8_t moved = i + step < octets.size() ? octets[i + step] : std::uint8_t{0};
            octets[i] = select_octet(moves, moved, octets[i]);
        }
    }
}

}  // namespace signet::token::constant_time
