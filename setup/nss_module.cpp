#include "setup/nss_module.h"

#include "setup/text.h"

#include <algorithm>

namespace signet::setup {
namespace {

constexpr std::string_view library_field = "library=";
const std::string name_line = "name=" + std::string(module_name);

struct Stanza {
    std::size_t begin = 0;
    std::size_t end = 0;  // behind the empty line
    std::string library;
    bool has_our_name = false;
};

Stanza read_stanza(const std::string& text, std::size_t begin) {
    Stanza stanza{.begin = begin, .end = begin};
    while (stanza.end < text.size()) {
        const auto line_end = std::min(text.find('\n', stanza.end), text.size());
        const std::string line = trimmed(text.substr(stanza.end, line_end - stanza.end));
        stanza.end = std::min(line_end + 1, text.size());
        if (line.empty()) {
            break;
        }
        stanza.has_our_name = stanza.has_our_name || line == name_line;
        if (line.starts_with(library_field)) {
            stanza.library = line.substr(library_field.size());
        }
    }
    return stanza;
}

template <typename Condition>
std::optional<Stanza> find_stanza(const std::string& text, Condition condition) {
    for (std::size_t begin = 0; begin < text.size();) {
        auto stanza = read_stanza(text, begin);
        if (condition(stanza)) {
            return stanza;
        }
        begin = stanza.end;
    }
    return std::nullopt;
}

std::optional<Stanza> own_stanza(const std::string& text) {
    return find_stanza(text, [](const Stanza& stanza) { return stanza.has_our_name; });
}

std::string stanza_for(const std::string& library) {
    return std::string(library_field) + library + "\n" + name_line + "\n\n";
}

}  // namespace

Result<Content> apply_to(const NssModule& module, const Content& content) {
    std::string text = content.value_or("");
    // NSS loads no module twice, whatever the names.
    if (find_stanza(text, [&module](const Stanza& stanza) { return stanza.library == module.module; })) {
        return content;
    }
    if (const auto stanza = own_stanza(text)) {
        return text.replace(stanza->begin, stanza->end - stanza->begin, stanza_for(module.module));
    }
    while (!text.empty() && !text.ends_with("\n\n")) {
        text += '\n';
    }
    return text + stanza_for(module.module);
}

Result<Content> revert_nss_module(const Content& current, const Content& before, const Content& after) {
    const auto library = nss_module_library(current);
    if (!library || library != nss_module_library(after)) {
        return current;
    }
    std::string text = *current;
    const auto stanza = own_stanza(text);
    const auto old_library = nss_module_library(before);
    text.replace(stanza->begin, stanza->end - stanza->begin, old_library ? stanza_for(*old_library) : "");
    return text;
}

std::optional<std::string> nss_module_library(const Content& content) {
    const auto stanza = content ? own_stanza(*content) : std::nullopt;
    return stanza ? std::optional(stanza->library) : std::nullopt;
}

}  // namespace signet::setup
