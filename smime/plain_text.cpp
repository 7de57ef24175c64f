#include "smime/plain_text.h"

#include "base/unicode.h"
#include "smime/header.h"

#include <algorithm>

namespace signet::smime {
namespace {

// As much of a line as tells whether it is a Content-Transfer-Encoding field of a binary part.
constexpr std::size_t max_line_head = 128;

bool says_binary(std::string_view line_head) {
    constexpr std::string_view name = "content-transfer-encoding:";
    constexpr std::string_view binary = "binary";
    if (!starts_with_ignoring_case(line_head, name)) {
        return false;
    }
    const std::string_view value = line_head.substr(name.size());
    const bool folded = unfolded(value).empty();
    const auto same = [](char a, char b) { return static_cast<char>(a | 0x20) == b; };
    return folded ||
           std::search(value.begin(), value.end(), binary.begin(), binary.end(), same) != value.end();
}

class FormMeter {
  public:
    void add(std::string_view block) {
        m_carriage_returns += static_cast<std::uint64_t>(std::count(block.begin(), block.end(), '\r'));
        while (!block.empty()) {
            const std::size_t end = block.find('\n');
            const std::string_view line = block.substr(0, end);
            note_head(line);
            if (!line.empty()) {
                m_after_cr = line.back() == '\r';
            }
            if (end == std::string_view::npos) {
                return;
            }
            end_line();
            block.remove_prefix(end + 1);
        }
    }

    TextForm finish() {
        m_form.binary_part |= says_binary(m_head);
        m_form.only_crlf &= m_carriage_returns == m_breaks;
        return m_form;
    }

  private:
    // Most lines are told apart by their first letter.
    void note_head(std::string_view line) {
        if (m_head.empty() && !line.empty() && (line.front() | 0x20) != 'c') {
            m_passed_over = true;
        }
        if (!m_passed_over) {
            m_head += line.substr(0, max_line_head - std::min(m_head.size(), max_line_head));
        }
    }

    void end_line() {
        if (!m_head.empty()) {
            m_form.binary_part |= says_binary(m_head);
            m_head.clear();
        }
        m_form.only_crlf &= m_after_cr;
        ++m_breaks;
        m_after_cr = false;
        m_passed_over = false;
    }

    TextForm m_form;
    std::uint64_t m_carriage_returns = 0;
    std::uint64_t m_breaks = 0;
    std::string m_head;
    bool m_passed_over = false;
    bool m_after_cr = false;
};

// Calls `take` with one block after the other, as long as it answers true.
template <class Take>
Result<void> for_each_block(const Source& source, Take take) {
    RangeReader reader(source);
    const Block block;
    for (;;) {
        SIGNET_TRY(const std::size_t count, reader.read(block));
        if (count == 0 || !take(std::string_view(block.data(), count))) {
            return {};
        }
    }
}

// Of the octets at the end that may be the begin of a longer UTF-8 sequence.
std::size_t size_of_open_sequence(std::string_view text) {
    for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size()); ++size) {
        const auto octet = static_cast<unsigned char>(text[text.size() - size]);
        if (octet < 0x80) {
            return 0;
        }
        if (octet >= 0xc0) {
            return size;
        }
    }
    return 0;
}

bool has_only_characters_to_show(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (!character || is_control(character->code)) {
            return false;
        }
        text.remove_prefix(character->size);
    }
    return true;
}

}  // namespace

Result<TextForm> form_of(const Source& content) {
    FormMeter meter;
    SIGNET_CHECK(for_each_block(content, [&meter](std::string_view block) {
        meter.add(block);
        return true;
    }));
    return meter.finish();
}

Result<bool> is_readable_text(const Source& content) {
    bool readable = true;
    std::string text;
    SIGNET_CHECK(for_each_block(content, [&readable, &text](std::string_view block) {
        text += block;
        const std::string open = text.substr(text.size() - size_of_open_sequence(text));
        text.resize(text.size() - open.size());
        std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\t'; });
        readable = has_only_characters_to_show(text);
        text = open;
        return readable;
    }));
    return readable && text.empty();
}

}  // namespace signet::smime
