#include "smime/repeated_parameter.h"

#include "smime/header.h"

#include <algorithm>
#include <optional>
#include <set>

namespace signet::smime {
namespace {

bool is_name_character(char c) {
    constexpr std::string_view others = " \t\r\n()<>@,;:\\\"/[]?=";
    return others.find(c) == std::string_view::npos;
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

}  // namespace

bool may_repeat_parameter(std::string_view value, std::string_view name) {
    std::set<std::string_view> sections;
    std::size_t count = 0;
    for (std::size_t i = 0; i + name.size() <= value.size(); ++i) {
        const bool begins_word = i == 0 || !is_name_character(value[i - 1]);
        if (!begins_word || !equal_ignoring_case(value.substr(i, name.size()), name)) {
            continue;
        }
        if (const auto form = form_in(value.substr(i + name.size()))) {
            ++count;
            sections.insert(section_of(*form));
        }
    }
    const bool whole = sections.contains({});
    return sections.size() < count || (whole && count > 1);
}

}  // namespace signet::smime
