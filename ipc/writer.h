#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signet::ipc {

// Writes one JSON object, field after field. Names are literals that need no escaping; texts must be
// valid UTF-8 (base printable_utf8() makes them so).
class Writer {
  public:
    Writer() { m_out.reserve(512); }

    void text(std::string_view name, std::string_view value);
    // For values known to need no escaping: identifiers and enumerators.
    void plain(std::string_view name, std::string_view value);
    void octets(std::string_view name, ByteView value);
    void number(std::string_view name, std::int64_t value);
    void boolean(std::string_view name, bool value);
    // What is written until the matching end_object() is in this object.
    void begin_object(std::string_view name);
    void end_object();
    // `value` is JSON already.
    void raw(std::string_view name, std::string_view value);

    // Closes the object and gives it away: the writer is of no more use.
    std::string finish();

    // `value` as a JSON string with its quotes.
    static void append_text(std::string& out, std::string_view value);

  private:
    void field(std::string_view name);

    std::string m_out = "{";
};

// A JSON array of what `encode_element(out, element)` appends.
template <class Range, class EncodeElement>
std::string encode_array(const Range& range, EncodeElement encode_element) {
    std::string out = "[";
    for (const auto& element : range) {
        if (out.size() > 1) {
            out += ',';
        }
        encode_element(out, element);
    }
    out += ']';
    return out;
}

}  // namespace signet::ipc
