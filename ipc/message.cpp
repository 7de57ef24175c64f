#include "ipc/message.h"

#include "base/bytes.h"
#include "ipc/codec.h"
#include "ipc/document.h"
#include "ipc/writer.h"

#include <boost/json/parser.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace signet::ipc {
namespace {

void wipe_characters(std::span<char> characters) {
    wipe(std::span(reinterpret_cast<std::uint8_t*>(characters.data()), characters.size()));
}

namespace json = boost::json;

constexpr std::size_t first_buffer_size = 4096;

const json::object& empty_object() {
    static const json::object object;
    return object;
}

Failure protocol_failure(std::string detail) {
    return failure(ErrorCode::protocol, "Varlink message", std::move(detail));
}

// Parses into a Document whose "parameters" were checked to be an object.
Result<std::unique_ptr<Parameters::Document>> parse_document(std::string_view text) {
    auto document = std::make_unique<Parameters::Document>();
    std::array<unsigned char, 1024> scratch;  // NOLINT: the parser's stack, filled by it
    json::parse_options options;
    options.max_depth = max_nesting;
    json::parser parser(json::storage_ptr(), options, scratch.data(), scratch.size());
    parser.reset(json::storage_ptr(&document->resource));
    json::error_code error;
    parser.write(text.data(), text.size(), error);
    if (error) {
        return protocol_failure("not JSON: " + error.message());
    }
    document->message = parser.release();
    explicit_bzero(scratch.data(), scratch.size());
    const json::object* message = document->message.if_object();
    if (message == nullptr) {
        return protocol_failure("not an object");
    }
    document->parameters = &empty_object();
    if (const json::value* parameters = message->if_contains("parameters");
        parameters != nullptr && !parameters->is_null()) {
        document->parameters = parameters->if_object();
        if (document->parameters == nullptr) {
            return protocol_failure("parameters are not an object");
        }
    }
    return document;
}

// nullopt for something that is there and not a boolean.
std::optional<bool> flag(const json::object& message, std::string_view name) {
    const json::value* value = message.if_contains(name);
    if (value == nullptr || value->is_null()) {
        return false;
    }
    const bool* boolean = value->if_bool();
    return boolean != nullptr ? std::optional(*boolean) : std::nullopt;
}

bool known_call_field(std::string_view name) {
    return name == "method" || name == "parameters" || name == "more" || name == "oneway" ||
           name == "upgrade";
}

std::string string_parameter(const json::object& parameters, std::string_view name) {
    const json::value* value = parameters.if_contains(name);
    const json::string* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(*text) : std::string();
}

std::int64_t int_parameter(const json::object& parameters, std::string_view name, std::int64_t missing) {
    const json::value* value = parameters.if_contains(name);
    const std::int64_t* number = value != nullptr ? value->if_int64() : nullptr;
    return number != nullptr ? *number : missing;
}

// The parameter in which each error carries its detail; empty where it has none.
std::string_view detail_parameter(ErrorCode code) {
    switch (code) {
        case ErrorCode::cancelled:
        case ErrorCode::not_allowed:
            return "reason";
        case ErrorCode::unsupported:
        case ErrorCode::timeout:
            return "what";
        case ErrorCode::driver_failed:
            return "detail";
        case ErrorCode::invalid_parameter:
            return "parameter";
        case ErrorCode::method_not_found:
            return "method";
        case ErrorCode::interface_not_found:
            return "interface";
        default:
            return {};
    }
}

constexpr ErrorCode last_wire_code = ErrorCode::interface_not_found;
constexpr std::size_t wire_code_count = static_cast<std::size_t>(last_wire_code) + 1;

bool belongs_to_service(ErrorCode code) {
    return code == ErrorCode::invalid_parameter || code == ErrorCode::method_not_found ||
           code == ErrorCode::interface_not_found;
}

Error decode_error(std::string_view name, const json::object& parameters) {
    const std::size_t dot = name.rfind('.');
    const std::string_view interface = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    const std::string_view base_name = dot == std::string_view::npos ? name : name.substr(dot + 1);
    for (std::size_t i = 0; i < wire_code_count; ++i) {
        const auto code = static_cast<ErrorCode>(i);
        if (error_name(code) != base_name || belongs_to_service(code) != (interface == service_interface)) {
            continue;
        }
        Error error{.code = code, .operation = "agent", .detail = {}};
        if (const auto field = detail_parameter(code); !field.empty()) {
            error.detail = string_parameter(parameters, field);
        }
        if (code == ErrorCode::driver_failed) {
            error.native_code = int_parameter(parameters, "code", 0);
        }
        if (code == ErrorCode::pin_incorrect) {
            error.tries_left = static_cast<int>(int_parameter(parameters, "tries_left", -1));
        }
        return error;
    }
    return Error{
        .code = ErrorCode::protocol, .operation = "reply", .detail = "unknown error " + std::string(name)};
}

}  // namespace

Parameters::Parameters(std::unique_ptr<Document> document) : m_document(std::move(document)) {}
Parameters::Parameters(Parameters&&) noexcept = default;
Parameters& Parameters::operator=(Parameters&&) noexcept = default;
Parameters::~Parameters() = default;

Result<Call> parse_call(std::string_view text) {
    SIGNET_TRY(auto document, parse_document(text));
    const json::object& message = document->message.get_object();
    const json::value* method = message.if_contains("method");
    if (method == nullptr || !method->is_string()) {
        return protocol_failure("no method");
    }
    const auto more = flag(message, "more");
    const auto oneway = flag(message, "oneway");
    const auto upgrade = flag(message, "upgrade");
    if (!more || !oneway || !upgrade) {
        return protocol_failure("more, oneway and upgrade are booleans");
    }
    if (*upgrade) {
        return protocol_failure("no method can be upgraded");
    }
    for (const auto& field : message) {
        if (!known_call_field(field.key())) {
            return protocol_failure("unknown field");
        }
    }
    return Call{.method = std::string(method->get_string()),
                .more = *more,
                .oneway = *oneway,
                .parameters = Parameters(std::move(document))};
}

Result<Reply> parse_reply(std::string_view text) {
    SIGNET_TRY(auto document, parse_document(text));
    const json::object& message = document->message.get_object();
    if (const json::value* error = message.if_contains("error"); error != nullptr && !error->is_null()) {
        const json::string* name = error->if_string();
        if (name == nullptr) {
            return protocol_failure("error is not a string");
        }
        return Failure(decode_error(*name, *document->parameters));
    }
    const auto continues = flag(message, "continues");
    if (!continues) {
        return protocol_failure("continues is not a boolean");
    }
    return Reply{.continues = *continues, .parameters = Parameters(std::move(document))};
}

std::string encode_call(std::string_view method, std::string_view parameters, bool more) {
    std::string out;
    out.reserve(method.size() + parameters.size() + 48);
    out += R"({"method":")";
    out += method;
    out += R"(","parameters":)";
    out += parameters;
    out += more ? R"(,"more":true})" : "}";
    return out;
}

std::string encode_reply(std::string_view parameters, bool continues) {
    std::string out;
    out.reserve(parameters.size() + 36);
    out += R"({"parameters":)";
    out += parameters;
    out += continues ? R"(,"continues":true})" : "}";
    return out;
}

std::string encode_error(std::string_view interface, const Error& error) {
    const bool on_wire = error.code <= last_wire_code;
    const ErrorCode code = on_wire ? error.code : ErrorCode::driver_failed;
    Writer parameters;
    if (const auto field = detail_parameter(code); !field.empty()) {
        // Details may quote what a module, a path or a peer says.
        parameters.text(field,
                        printable_utf8(on_wire ? error.detail : error.operation + ": " + error.detail));
    }
    if (code == ErrorCode::driver_failed) {
        parameters.number("code", error.native_code);
    }
    if (code == ErrorCode::pin_incorrect && error.tries_left >= 0) {
        parameters.number("tries_left", error.tries_left);
    }
    std::string out = R"({"error":")";
    out += belongs_to_service(code) ? service_interface : interface;
    out += '.';
    out += error_name(code);
    out += R"(","parameters":)";
    out += parameters.finish();
    out += '}';
    return out;
}

MessageBuffer::~MessageBuffer() {
    wipe_characters(m_buffer);
}

std::span<char> MessageBuffer::space() {
    if (m_begin == m_end) {
        m_begin = m_end = 0;
    }
    if (m_end == m_buffer.size() && m_begin > 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + m_begin, m_end - m_begin);
        if (m_message_end) {
            *m_message_end -= m_begin;
        }
        m_end -= m_begin;
        m_begin = 0;
    }
    if (m_end == m_buffer.size()) {
        // A new vector instead of resize(): the old memory is wiped before it is given back.
        std::vector<char> larger(std::max(first_buffer_size, m_buffer.size() * 2));
        std::copy_n(m_buffer.data(), m_end, larger.data());
        wipe_characters(m_buffer);
        m_buffer = std::move(larger);
    }
    return {m_buffer.data() + m_end, m_buffer.size() - m_end};
}

Result<void> MessageBuffer::received(std::size_t count) {
    const std::size_t from = m_end;
    m_end += count;
    if (!m_message_end) {
        find_message_end(from);
    }
    const std::size_t length = (m_message_end ? *m_message_end + 1 : m_end) - m_begin;
    if (length > m_max_message_size || m_end - m_begin > 2 * m_max_message_size) {
        return failure(ErrorCode::too_large, "Varlink message",
                       "longer than " + std::to_string(m_max_message_size) + " octets");
    }
    return {};
}

std::optional<std::string_view> MessageBuffer::next() const {
    if (!m_message_end) {
        return std::nullopt;
    }
    return std::string_view(m_buffer.data() + m_begin, *m_message_end - m_begin);
}

void MessageBuffer::consume() {
    if (!m_message_end) {
        return;
    }
    const std::size_t after = *m_message_end + 1;
    explicit_bzero(m_buffer.data() + m_begin, after - m_begin);
    m_begin = after;
    m_message_end.reset();
    find_message_end(m_begin);
}

void MessageBuffer::find_message_end(std::size_t from) {
    const void* nul = m_end > from ? std::memchr(m_buffer.data() + from, 0, m_end - from) : nullptr;
    if (nul != nullptr) {
        m_message_end = static_cast<std::size_t>(static_cast<const char*>(nul) - m_buffer.data());
    }
}

}  // namespace signet::ipc
