#pragma once

#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// How a file of another program is changed for signet, and changed back. Texts in, texts out; only git's
// settings are written by git itself, in a file of ours.
namespace signet::setup {

// The content of a file; nothing where there is none.
using Content = std::optional<std::string>;

// Lines between two comments, at the end of the file. An empty text takes them away.
struct MarkedBlock {
    std::string lines;
    std::string undo;  // the command that takes them away, told in the first comment
};
// Settings of git, each with one value.
struct GitSettings {
    std::vector<std::pair<std::string, std::string>> values;
};
// A PKCS#11 module in policies.json of a Mozilla program.
struct PolicyDevice {
    std::string module;
    std::string inherited;  // the policies that counted as long as this file was not there
};
// A PKCS#11 module in pkcs11.txt of an NSS database.
struct NssModule {
    std::string module;
};

using Edit = std::variant<MarkedBlock, GitSettings, PolicyDevice, NssModule>;

enum class EditKind : std::uint8_t { marked_block, git_settings, policy_device, nss_module };
constexpr EditKind kind_of(const Edit& edit) {
    return static_cast<EditKind>(edit.index());
}
constexpr std::string_view name_of(EditKind kind) {
    constexpr std::string_view names[] = {"marked_block", "git_settings", "policy_device", "nss_module"};
    return names[static_cast<std::size_t>(kind)];
}
std::optional<EditKind> edit_kind_named(std::string_view name);

// The name under which programs know the module.
inline constexpr std::string_view module_name = "signet";

// `content` with the edit in it; `content` itself where all of it is there. malformed where it cannot be
// read.
Result<Content> apply_edit(const Edit& edit, const Content& content);
// `current` without what the edit put into `after`, where the person did not change just that. `before` has
// what stood in its place. What else is in `current` stays.
Result<Content> revert(EditKind kind, const Content& current, const Content& before, const Content& after);

// The file without its marked block.
std::string without_block(const std::string& content);

}  // namespace signet::setup
