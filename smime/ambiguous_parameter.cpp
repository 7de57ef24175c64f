#include "smime/ambiguous_parameter.h"

#include "smime/header.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

namespace signet::smime {
namespace {

bool is_name_character(char c) {
    constexpr std::string_view others = " \t\r\n()<>@,;:\\\"/[]?=";
    return others.find(c) == std::string_view::npos;
}

bool is_boundary_character(char c) {
    constexpr std::string_view others = "!#$%&'()*+,-./:=?^_`{|}~ ";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           others.find(c) != std::string_view::npos;
}

std::string_view without_blanks_before(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text;
}

// The section of a continued value: "0" of "*0", "*0*" and "*00"; empty for the whole value.
std::string_view section_of(std::string_view form) {
    form.remove_prefix(form.starts_with('*') ? 1 : 0);
    form.remove_suffix(form.ends_with('*') ? 1 : 0);
    while (form.size() > 1 && form.starts_with('0')) {
        form.remove_prefix(1);
    }
    return form;
}

// What stands between a name and "=". Nothing when `text` does not go on as a parameter does.
std::optional<std::string_view> form_in(std::string_view text) {
    const auto* end = std::find_if_not(text.begin(), text.end(), is_name_character);
    const std::string_view form = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    const std::string_view rest = without_blanks_before(text.substr(form.size()));
    const bool is_name = form.empty() || form.starts_with('*');
    return is_name && (rest.starts_with('=') || rest.starts_with('(')) ? std::optional(form) : std::nullopt;
}

// Where a parameter of that name is given, or may be.
struct Mention {
    std::string_view form;  // of the name: section_of()
    std::string_view rest;  // behind the name
};

std::vector<Mention> mentions_of(std::string_view name, std::string_view value) {
    std::vector<Mention> mentions;
    for (std::size_t i = 0; i + name.size() <= value.size(); ++i) {
        const bool begins_word = i == 0 || !is_name_character(value[i - 1]);
        if (!begins_word || !equal_ignoring_case(value.substr(i, name.size()), name)) {
            continue;
        }
        const std::string_view behind = value.substr(i + name.size());
        if (const auto form = form_in(behind)) {
            mentions.push_back({*form, behind.substr(form->size())});
        }
    }
    return mentions;
}

// In quotation marks, or up to a blank or a semicolon, cut off the front of `text`. Many leave out the marks
// where "=", "/", ":" and "?" ask for them, and are understood.
std::string_view take_value(std::string_view& text) {
    const bool quoted = text.starts_with('"');
    text.remove_prefix(quoted ? 1 : 0);
    const auto* end = quoted
                          ? std::find(text.begin(), text.end(), '"')
                          : std::find_if_not(text.begin(), text.end(), [](char c) {
                                return is_name_character(c) || c == '=' || c == '/' || c == ':' || c == '?';
                            });
    const std::string_view value = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(std::min(value.size() + (quoted ? 1 : 0), text.size()));
    return value;
}

}  // namespace

bool may_repeat_parameter(std::string_view value, std::string_view name) {
    std::set<std::string_view> sections;
    std::size_t count = 0;
    for (const Mention& mention : mentions_of(name, value)) {
        ++count;
        sections.insert(section_of(mention.form));
    }
    const bool whole = sections.contains({});
    return sections.size() < count || (whole && count > 1);
}

bool is_boundary_text(std::string_view text) {
    return !text.empty() && !text.starts_with(' ') && !text.ends_with(' ') &&
           text.find("=?") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), is_boundary_character);
}

bool gives_boundary_plainly(std::string_view value) {
    const auto mentions = mentions_of("boundary", value);
    if (mentions.size() != 1 || !mentions.front().form.empty()) {
        return false;
    }
    std::string_view rest = without_blanks_before(mentions.front().rest);
    if (!rest.starts_with('=')) {
        return false;
    }
    rest = without_blanks_before(rest.substr(1));
    const std::string_view text = take_value(rest);
    rest = without_blanks_before(rest);
    return is_boundary_text(text) && (rest.empty() || rest.starts_with(';'));
}

}  // namespace signet::smime
