#include "setup/policy_device.h"

#include "setup/json_text.h"

#include <algorithm>

namespace signet::setup {
namespace {

namespace json = boost::json;

// A file of a Mozilla program begins with a byte order mark at times.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

Result<json::object> policies_file(const Content& content) {
    std::string_view text = content ? std::string_view(*content) : "{}";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    SIGNET_TRY(auto value, parse_json(text));
    if (!value.is_object()) {
        return failure(ErrorCode::malformed, "policies", "the whole is no JSON object");
    }
    return std::move(value.get_object());
}

// The object that is, or becomes, the member `name`.
Result<json::object*> member_object(json::object& object, std::string_view name) {
    json::value& member = object[name];
    if (member.is_null()) {
        member.emplace_object();
    }
    if (!member.is_object()) {
        return failure(ErrorCode::malformed, "policies", std::string(name) + " is no JSON object");
    }
    return &member.get_object();
}

// The object without "Add" and "Delete" is the older form: names and paths.
bool is_older_form(const json::object& devices) {
    return !devices.empty() && !devices.contains("Add") && !devices.contains("Delete");
}

Result<json::object*> added_devices(json::object& file) {
    SIGNET_TRY(auto* policies, member_object(file, "policies"));
    SIGNET_TRY(auto* devices, member_object(*policies, "SecurityDevices"));
    return is_older_form(*devices) ? Result<json::object*>(devices) : member_object(*devices, "Add");
}

std::optional<std::string> own_module(const Content& content) {
    auto file = policies_file(content);
    if (!file) {
        return std::nullopt;
    }
    const auto devices = added_devices(*file);
    const json::value* module = devices ? (*devices)->if_contains(module_name) : nullptr;
    return module != nullptr && module->is_string() ? std::optional(std::string(module->get_string()))
                                                    : std::nullopt;
}

// What is empty now, and was not there before.
void remove_empty(json::object& object, std::string_view name) {
    const json::value* member = object.if_contains(name);
    if (member != nullptr && member->is_object() && member->get_object().empty()) {
        object.erase(name);
    }
}

void prune(json::object& file) {
    json::object& policies = file.at("policies").as_object();
    if (json::value* devices = policies.if_contains("SecurityDevices")) {
        remove_empty(devices->as_object(), "Add");
    }
    remove_empty(policies, "SecurityDevices");
    remove_empty(file, "policies");
}

}  // namespace

Result<Content> apply_to(const PolicyDevice& device, const Content& content) {
    const Content base = content || device.inherited.empty() ? content : Content(device.inherited);
    SIGNET_TRY(auto file, policies_file(base));
    SIGNET_TRY(auto* devices, added_devices(file));
    const bool is_named = std::any_of(devices->begin(), devices->end(), [&device](const auto& named) {
        return named.value().is_string() && named.value().get_string() == device.module;
    });
    if (content && is_named) {
        return content;
    }
    (*devices)[module_name] = device.module;
    return pretty_json(file);
}

Result<Content> revert_policy_device(const Content& current, const Content& before, const Content& after) {
    SIGNET_TRY(auto file, policies_file(current));
    const auto module = own_module(current);
    if (!current || !module || module != own_module(after)) {
        return current;
    }
    SIGNET_TRY(auto* devices, added_devices(file));
    if (const auto old_module = own_module(before)) {
        (*devices)[module_name] = *old_module;
    } else {
        devices->erase(module_name);
        prune(file);
    }
    return file.empty() && !before ? Content() : Content(pretty_json(file));
}

}  // namespace signet::setup
