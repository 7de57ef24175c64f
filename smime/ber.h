#pragma once

#include "smime/stream.h"

#include <array>
#include <optional>
#include <vector>

// BER (X.690) as it comes, without holding what it carries.
namespace signet::smime {

enum class BerClass : std::uint8_t { universal, application, context, private_use };

inline constexpr std::uint32_t ber_octet_string = 4;
inline constexpr std::uint32_t ber_object_identifier = 6;
inline constexpr std::uint32_t ber_sequence = 16;

// Tag and length of an element.
struct BerElement {
    BerClass tag_class = BerClass::universal;
    std::uint32_t tag = 0;
    bool constructed = false;
    std::optional<std::uint64_t> length;  // nothing where it is indefinite
    std::uint64_t offset = 0;             // of the tag
    std::array<char, 16> octets{};
    std::uint8_t size = 0;  // of tag and length, which are in `octets`

    [[nodiscard]] bool is(BerClass wanted_class, std::uint32_t wanted_tag) const {
        return tag_class == wanted_class && tag == wanted_tag;
    }
    [[nodiscard]] std::string_view header() const { return {octets.data(), size}; }
};

// Walks elements in order. What is nested wrongly, longer than what it is in or cut off is malformed; so are
// lengths of more than 8 octets and nesting deeper than max_depth.
class BerReader {
  public:
    static constexpr std::size_t max_depth = 64;

    // Borrows `octets`.
    explicit BerReader(Reader& octets);

    // The next element at this level, after what is left of the content of the one before. Nothing at the end
    // of the level, which is thereby left.
    Result<std::optional<BerElement>> next();
    // Goes into the element that next() has just given; one of indefinite length must be entered.
    Result<void> enter(const BerElement& element);

    // Content octets of the element that next() has just given and that was not entered; 0 at their end.
    Result<std::size_t> read(std::span<char> buffer);

    // Passes over line breaks, blanks and NULs behind the last element; false when anything else follows.
    Result<bool> only_filler_follows();

    [[nodiscard]] std::uint64_t offset() const { return m_offset; }

  private:
    struct Level {
        std::uint64_t limit;  // no element may reach beyond it
        bool indefinite;
    };

    Result<bool> fill();
    Result<char> octet();
    Result<bool> at_end_of_level();
    Result<BerElement> read_header();
    Result<void> read_tag(BerElement& element);
    Result<void> read_length(BerElement& element);
    Result<void> skip_content();

    Reader& m_octets;
    Block m_block;
    std::string_view m_rest;  // of m_block
    std::uint64_t m_offset = 0;
    std::uint64_t m_content_left = 0;
    std::vector<Level> m_levels;
};

// The octets of an OCTET STRING in any form: primitive, or constructed of segments (X.690 section 8.7).
class OctetStringReader final : public Reader {
  public:
    // OpenSSL's bound on strings within strings.
    static constexpr std::size_t max_depth = 5;

    // `element` has just come from `ber`, which it borrows. At the end, next() of `ber` gives what follows.
    static Result<OctetStringReader> open(BerReader& ber, const BerElement& element);
    Result<std::size_t> read(std::span<char> buffer) override;

  private:
    explicit OctetStringReader(BerReader& ber) : m_ber(&ber) {}
    Result<bool> next_segment();

    BerReader* m_ber;
    std::size_t m_depth = 0;  // of constructed strings that are open
    bool m_ended = false;
};

}  // namespace signet::smime
