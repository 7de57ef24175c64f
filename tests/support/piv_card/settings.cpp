#include "tests/support/piv_card/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <variant>

namespace signet::test::piv_card {
namespace {

template <class T>
struct Choice {
    T Settings::*field;
    std::array<std::string_view, 4> names;  // in the order of the enumeration
};

using Milliseconds = std::chrono::milliseconds Settings::*;
using Target = std::variant<bool Settings::*, std::size_t Settings::*, Milliseconds, Choice<Application>,
                            Choice<SelectAnswer>, Choice<CertificateForm>, Choice<PinFormat>, Choice<Touch>>;

struct Setting {
    std::string_view name;
    Target target;
};

constexpr auto applications = Choice<Application>{&Settings::application, {"piv", "derived", "both"}};
constexpr auto select_answers =
    Choice<SelectAnswer>{&Settings::select_answer, {"complete", "full-aid", "minimal"}};
constexpr auto certificate_forms =
    Choice<CertificateForm>{&Settings::certificates, {"stored", "gzip", "old-gzip", "net-id"}};
constexpr auto pin_formats = Choice<PinFormat>{&Settings::pin_format, {"digits", "alphanumeric", "any"}};
constexpr auto touches = Choice<Touch>{&Settings::touch, {"given", "refused", "awaited"}};

const std::array all_settings{
    Setting{"application", applications},
    Setting{"select-answer", select_answers},
    Setting{"certificates", certificate_forms},
    Setting{"pin-format", pin_formats},
    Setting{"touch", touches},
    Setting{"touch-delay", &Settings::touch_delay},
    Setting{"extended", &Settings::extended_length},
    Setting{"more-after-full-block", &Settings::says_more_after_full_block},
    Setting{"corrects-le", &Settings::corrects_expected_length},
    Setting{"discovery", &Settings::discovery},
    Setting{"global-pin", &Settings::global_pin},
    Setting{"global-pin-primary", &Settings::global_pin_is_primary},
    Setting{"empty-objects", &Settings::absent_objects_are_empty},
    Setting{"unsupported-objects", &Settings::absent_objects_are_unsupported},
    Setting{"plain-counter", &Settings::plain_counter},
    Setting{"reselect-drops-pin", &Settings::reselect_drops_pin},
    Setting{"malformed-pin-counts", &Settings::malformed_pin_costs_a_try},
    Setting{"strict-key-management", &Settings::key_management_only_agrees},
    Setting{"yubico", &Settings::vendor_commands},
    Setting{"metadata", &Settings::metadata},
    Setting{"other-applet", &Settings::other_applet},
    Setting{"largest-object", &Settings::largest_object},
};

std::span<const std::string_view> used_names(const std::array<std::string_view, 4>& names) {
    const auto* const end = std::find(names.begin(), names.end(), std::string_view());
    return {names.begin(), end};
}

bool parse_number(std::string_view text, std::size_t& number) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

struct Assign {
    Settings& settings;
    std::string_view value;

    bool operator()(bool Settings::*field) const {
        settings.*field = value == "on";
        return value == "on" || value == "off";
    }
    bool operator()(std::size_t Settings::*field) const { return parse_number(value, settings.*field); }
    bool operator()(Milliseconds field) const {
        std::size_t number = 0;
        const bool parsed = parse_number(value, number);
        settings.*field = std::chrono::milliseconds(number);
        return parsed;
    }
    template <class T>
    bool operator()(const Choice<T>& choice) const {
        const auto names = used_names(choice.names);
        const auto found = std::find(names.begin(), names.end(), value);
        if (found == names.end()) {
            return false;
        }
        settings.*choice.field = static_cast<T>(found - names.begin());
        return true;
    }
};

struct Describe {
    std::string operator()(bool Settings::* /*field*/) const { return "on|off"; }
    std::string operator()(std::size_t Settings::* /*field*/) const { return "OCTETS"; }
    std::string operator()(Milliseconds /*field*/) const { return "MILLISECONDS"; }
    template <class T>
    std::string operator()(const Choice<T>& choice) const {
        std::string text;
        for (const auto name : used_names(choice.names)) {
            text += (text.empty() ? "" : "|") + std::string(name);
        }
        return text;
    }
};

}  // namespace

Result<void> set(Settings& settings, std::string_view assignment) {
    const auto equals = assignment.find('=');
    const auto name = assignment.substr(0, equals);
    const auto* const found = std::find_if(all_settings.begin(), all_settings.end(),
                                           [name](const Setting& setting) { return setting.name == name; });
    if (equals == std::string_view::npos || found == all_settings.end()) {
        return failure(ErrorCode::invalid_parameter, "set", std::string(assignment));
    }
    Settings changed = settings;
    if (!std::visit(Assign{changed, assignment.substr(equals + 1)}, found->target)) {
        return failure(ErrorCode::invalid_parameter, "set", std::string(assignment));
    }
    settings = changed;
    return {};
}

std::string setting_names() {
    std::string text;
    for (const auto& setting : all_settings) {
        text += "  " + std::string(setting.name) + "=" + std::visit(Describe{}, setting.target) + "\n";
    }
    return text;
}

}  // namespace signet::test::piv_card
