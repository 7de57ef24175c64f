#include "setup/json_text.h"

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

namespace signet::setup {
namespace {

namespace json = boost::json;

constexpr std::size_t max_depth = 32;

std::string line_at(std::size_t level) {
    return "\n" + std::string(2 * level, ' ');
}

// Not deeper than the parser let it be.
void append(std::string& text, const json::value& value, std::size_t level) {
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if ((object == nullptr || object->empty()) && (array == nullptr || array->empty())) {
        text += json::serialize(value);
        return;
    }
    text += object != nullptr ? '{' : '[';
    bool first = true;
    const auto begin_element = [&text, &first, level] {
        text += (first ? "" : ",") + line_at(level + 1);
        first = false;
    };
    if (object != nullptr) {
        for (const auto& member : *object) {
            begin_element();
            text += json::serialize(json::string(member.key())) + ": ";
            append(text, member.value(), level + 1);
        }
    } else {
        for (const auto& element : *array) {
            begin_element();
            append(text, element, level + 1);
        }
    }
    text += line_at(level) + (object != nullptr ? '}' : ']');
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::parser parser({}, options);
    json::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (error) {
        return failure(ErrorCode::malformed, "JSON",
                       "no JSON at octet " + std::to_string(read) + ": " + error.message());
    }
    if (text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
        return failure(ErrorCode::malformed, "JSON",
                       "no JSON at octet " + std::to_string(read) + ": more follows");
    }
    return parser.release();
}

std::string pretty_json(const json::value& value) {
    std::string text;
    append(text, value, 0);
    return text + "\n";
}

}  // namespace signet::setup
