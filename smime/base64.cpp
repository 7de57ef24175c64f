#include "smime/base64.h"

namespace signet::smime {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// A bit that no value of a quartet sets.
constexpr std::uint32_t not_in_alphabet = 1U << 31;

using Table = std::array<std::uint32_t, 256>;

constexpr Table table_for(int shift) {
    Table table{};
    table.fill(not_in_alphabet);
    for (std::uint32_t value = 0; value < alphabet.size(); ++value) {
        table[static_cast<unsigned char>(alphabet[value])] = value << shift;
    }
    return table;
}

// The value of a character at each of the four places of a quartet.
constexpr std::array<Table, 4> tables{table_for(18), table_for(12), table_for(6), table_for(0)};

struct Cursor {
    const unsigned char* input;
    const unsigned char* input_end;
    char* output;

    void put(std::uint32_t triplet) {
        output[0] = static_cast<char>(triplet >> 16);
        output[1] = static_cast<char>(triplet >> 8);
        output[2] = static_cast<char>(triplet);
        output += 3;
    }
};

std::uint32_t quartet_at(const unsigned char* input) {
    return tables[0][input[0]] | tables[1][input[1]] | tables[2][input[2]] | tables[3][input[3]];
}

// Whole quartets, up to the first character that is not of the alphabet.
void decode_quartets(Cursor& cursor) {
    while (cursor.input_end - cursor.input >= 16) {
        const std::uint32_t first = quartet_at(cursor.input);
        const std::uint32_t second = quartet_at(cursor.input + 4);
        const std::uint32_t third = quartet_at(cursor.input + 8);
        const std::uint32_t fourth = quartet_at(cursor.input + 12);
        if (((first | second | third | fourth) & not_in_alphabet) != 0) {
            break;
        }
        cursor.put(first);
        cursor.put(second);
        cursor.put(third);
        cursor.put(fourth);
        cursor.input += 16;
    }
    while (cursor.input_end - cursor.input >= 4) {
        const std::uint32_t quartet = quartet_at(cursor.input);
        if ((quartet & not_in_alphabet) != 0) {
            return;
        }
        cursor.put(quartet);
        cursor.input += 4;
    }
}

}  // namespace

std::size_t Base64Decoder::decode(std::string_view input, std::span<char> output) {
    const auto* begin = reinterpret_cast<const unsigned char*>(input.data());
    Cursor cursor{.input = begin, .input_end = begin + input.size(), .output = output.data()};
    while (!m_ended && cursor.input != cursor.input_end) {
        if (m_count == 0) {
            decode_quartets(cursor);
            if (cursor.input == cursor.input_end) {
                break;
            }
        }
        const unsigned char c = *cursor.input++;
        if (const std::uint32_t value = tables[3][c]; value != not_in_alphabet) {
            m_bits = m_bits << 6 | value;
            if (++m_count == 4) {
                cursor.put(m_bits);
                m_bits = 0;
                m_count = 0;
            }
        } else if (c == '=') {
            m_ended = true;
        }
    }
    if (m_ended && m_count >= 2) {
        *cursor.output++ = static_cast<char>(m_bits >> (m_count == 3 ? 10 : 4));
        if (m_count == 3) {
            *cursor.output++ = static_cast<char>(m_bits >> 2);
        }
        m_count = 0;
    }
    return static_cast<std::size_t>(cursor.output - output.data());
}

}  // namespace signet::smime
