#pragma once

#include "base/result.h"

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

// Settings in TOML, in which every key must be known. Only the files that read settings include this header:
// toml++ takes long to compile. It is compiled in, for programs that start often link little.
namespace signet {

inline constexpr std::size_t max_settings_size = std::size_t{256} << 10;

inline Failure wrong_setting(const std::string& file, const toml::node& node, const std::string& reason) {
    return failure(ErrorCode::configuration, "configuration",
                   file + ":" + std::to_string(node.source().begin.line) + ": " + reason);
}

inline Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        return failure(
            ErrorCode::configuration, "configuration",
            file + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
    }
}

inline Result<bool> boolean_setting(const toml::node& node, const std::string& file) {
    if (!node.is_boolean()) {
        return wrong_setting(file, node, "must be true or false");
    }
    return *node.value<bool>();
}

// Not empty, and without NUL: it becomes a path, an argument or an address.
inline Result<std::string> text_setting(const toml::node& node, const std::string& file) {
    auto text = node.is_string() ? node.value<std::string>() : std::nullopt;
    if (!text || text->empty() || text->find('\0') != std::string::npos) {
        return wrong_setting(file, node, "must be a text in quotes");
    }
    return std::move(*text);
}

inline Result<std::vector<std::string>> list_setting(const toml::node& node, const std::string& file) {
    const toml::array* entries = node.as_array();
    if (entries == nullptr) {
        return wrong_setting(file, node, "must be a list of texts, in brackets");
    }
    std::vector<std::string> texts;
    for (const toml::node& entry : *entries) {
        SIGNET_TRY(texts.emplace_back(), text_setting(entry, file));
    }
    return texts;
}

// A command is a program and its arguments, no line for a shell.
inline Result<std::vector<std::string>> command_setting(const toml::node& node, const std::string& file) {
    SIGNET_TRY(auto words, list_setting(node, file));
    if (words.empty()) {
        return wrong_setting(file, node,
                             R"(must be a program and its arguments, as ["msmtp", "-a", "work"])");
    }
    return words;
}

}  // namespace signet
