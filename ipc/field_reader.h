#pragma once

#include "base/bytes.h"
#include "ipc/document.h"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

// Only the sources of ipc/ include this header: Boost stays inside.
namespace signet::ipc {

// Reads the fields of one JSON object. The first wrong field is remembered and every later read is
// harmless, so a decoder reads all its fields and asks finish() once.
class FieldReader {
  public:
    enum class Unknown { refused, ignored };

    FieldReader(const boost::json::object& object, Unknown unknown) : m_object(object), m_unknown(unknown) {}

    std::string text(std::string_view name) { return optional_text(name, true).value_or(std::string()); }

    std::optional<std::string> optional_text(std::string_view name, bool required = false) {
        const boost::json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const boost::json::string* string = value->if_string()) {
            return std::string(*string);
        }
        wrong(name);
        return std::nullopt;
    }

    Bytes octets(std::string_view name) { return optional_octets(name, true).value_or(Bytes()); }

    std::optional<Bytes> optional_octets(std::string_view name, bool required = false) {
        const boost::json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const boost::json::string* string = value->if_string()) {
            if (auto bytes = from_base64(*string)) {
                return std::move(*bytes);
            }
        }
        wrong(name);
        return std::nullopt;
    }

    std::optional<std::uint32_t> optional_uint32(std::string_view name) {
        const auto number = optional_number(name);
        if (!number) {
            return std::nullopt;
        }
        if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
            wrong(name);
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(*number);
    }

    std::uint32_t uint32(std::string_view name) {
        find(name, true);
        return optional_uint32(name).value_or(0);
    }

    std::optional<std::int64_t> optional_number(std::string_view name, bool required = false) {
        const boost::json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (const std::int64_t* number = value->if_int64()) {
            return *number;
        }
        wrong(name);
        return std::nullopt;
    }

    bool boolean(std::string_view name) {
        const boost::json::value* value = find(name, true);
        if (value == nullptr) {
            return false;
        }
        if (const bool* flag = value->if_bool()) {
            return *flag;
        }
        wrong(name);
        return false;
    }

    template <class Enum>
    std::optional<Enum> optional_enumerator(std::string_view name,
                                            std::optional<Enum> (*from)(std::string_view),
                                            bool required = false) {
        const boost::json::value* value = find(name, required);
        if (value == nullptr) {
            return std::nullopt;
        }
        const boost::json::string* string = value->if_string();
        auto found = string != nullptr ? from(*string) : std::nullopt;
        if (!found) {
            wrong(name);
        }
        return found;
    }

    template <class Enum>
    Enum enumerator(std::string_view name, std::optional<Enum> (*from)(std::string_view)) {
        return optional_enumerator(name, from, true).value_or(Enum{});
    }

    // Calls `read_element(value)` for each element; false from it means a wrong element.
    template <class ReadElement>
    void array(std::string_view name, ReadElement read_element) {
        const boost::json::value* value = find(name, true);
        const boost::json::array* elements = value != nullptr ? value->if_array() : nullptr;
        if (elements == nullptr) {
            wrong(name);
            return;
        }
        for (const boost::json::value& element : *elements) {
            if (!read_element(element)) {
                wrong(name);
                return;
            }
        }
    }

    const boost::json::object* optional_object(std::string_view name) {
        const boost::json::value* value = find(name, false);
        if (value == nullptr) {
            return nullptr;
        }
        if (value->if_object() == nullptr) {
            wrong(name);
        }
        return value->if_object();
    }

    bool has(std::string_view name) { return find(name, false) != nullptr; }

    void wrong(std::string_view name) {
        if (m_wrong.empty()) {
            m_wrong = name;
        }
    }

    Result<void> finish() {
        if (m_unknown == Unknown::refused) {
            refuse_unread();
        }
        if (m_wrong.empty()) {
            return {};
        }
        return m_unknown == Unknown::refused
                   ? failure(ErrorCode::invalid_parameter, "parameters", printable_utf8(m_wrong))
                   : failure(ErrorCode::protocol, "reply", "field " + printable_utf8(m_wrong));
    }

  private:
    // No object of the interfaces has so many fields: what lies beyond is not known.
    static constexpr std::ptrdiff_t max_fields = 64;

    void refuse_unread() {
        std::ptrdiff_t index = 0;
        for (const auto& field : m_object) {
            if (index >= max_fields || !m_read.test(static_cast<std::size_t>(index))) {
                wrong(field.key());
                return;
            }
            ++index;
        }
    }

    // Null counts as absent.
    const boost::json::value* find(std::string_view name, bool required) {
        const auto* const position = m_object.find(name);
        if (position == m_object.end()) {
            if (required) {
                wrong(name);
            }
            return nullptr;
        }
        if (const auto index = position - m_object.begin(); index < max_fields) {
            m_read.set(static_cast<std::size_t>(index));
        }
        if (position->value().is_null()) {
            if (required) {
                wrong(name);
            }
            return nullptr;
        }
        return &position->value();
    }

    const boost::json::object& m_object;
    Unknown m_unknown;
    std::bitset<max_fields> m_read;  // by place in m_object
    std::string m_wrong;
};

// Runs `read(reader)` over the element when it is an object; false when it is not or something in it is
// wrong.
template <class Read>
bool read_object(const boost::json::value& element, Read read) {
    const boost::json::object* object = element.if_object();
    if (object == nullptr) {
        return false;
    }
    FieldReader reader(*object, FieldReader::Unknown::ignored);
    read(reader);
    return reader.finish().has_value();
}

// Of a call: unknown fields are invalid_parameter.
inline FieldReader call_reader(const Parameters& parameters) {
    return {*parameters.document().parameters, FieldReader::Unknown::refused};
}

// Of a reply: unknown fields are ignored.
inline FieldReader reply_reader(const Parameters& parameters) {
    return {*parameters.document().parameters, FieldReader::Unknown::ignored};
}

}  // namespace signet::ipc
