#include "setup/edit.h"

#include "setup/git_settings.h"
#include "setup/nss_module.h"
#include "setup/policy_device.h"

#include <algorithm>

namespace signet::setup {
namespace {

constexpr std::string_view block_begin = "# Begin of what \"signet setup\" wrote; to undo it: ";
constexpr std::string_view block_end = "# End of what \"signet setup\" wrote.";

struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// Of the block with its two comments, whatever ends its lines by now. One without an end is none: the person
// has been there.
std::optional<Place> block_in(std::string_view content) {
    const auto begin = content.find(block_begin);
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    const auto end = content.find(block_end, begin);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    return Place{begin, std::min(content.find('\n', end), content.size() - 1) + 1};
}

Content apply_to(const MarkedBlock& edit, const Content& content) {
    std::string text = content.value_or("");
    const std::string block = edit.lines.empty() ? ""
                                                 : std::string(block_begin) + edit.undo + "\n" + edit.lines +
                                                       std::string(block_end) + "\n";
    if (const auto place = block_in(text)) {
        text.replace(place->begin, place->end - place->begin, block);
        return text;
    }
    if (block.empty()) {
        return content;
    }
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    return text + block;
}

Content without_own_block(const Content& current, const Content& before) {
    if (!current) {
        return std::nullopt;
    }
    std::string rest = without_block(*current);
    return rest.empty() && !before ? Content() : Content(std::move(rest));
}

}  // namespace

std::optional<EditKind> edit_kind_named(std::string_view name) {
    for (const auto kind :
         {EditKind::marked_block, EditKind::git_settings, EditKind::policy_device, EditKind::nss_module}) {
        if (name_of(kind) == name) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string without_block(const std::string& content) {
    const auto place = block_in(content);
    return place ? std::string(content).erase(place->begin, place->end - place->begin) : content;
}

Result<Content> apply_edit(const Edit& edit, const Content& content) {
    struct Visitor {
        const Content& content;
        Result<Content> operator()(const MarkedBlock& block) const { return apply_to(block, content); }
        Result<Content> operator()(const GitSettings& settings) const { return apply_to(settings, content); }
        Result<Content> operator()(const PolicyDevice& device) const { return apply_to(device, content); }
        Result<Content> operator()(const NssModule& module) const { return apply_to(module, content); }
    };
    return std::visit(Visitor{content}, edit);
}

Result<Content> revert(EditKind kind, const Content& current, const Content& before, const Content& after) {
    switch (kind) {
        case EditKind::marked_block:
            return without_own_block(current, before);
        case EditKind::git_settings:
            return revert_git_settings(current, before, after);
        case EditKind::policy_device:
            return revert_policy_device(current, before, after);
        case EditKind::nss_module:
            return revert_nss_module(current, before, after);
    }
    return current;
}

}  // namespace signet::setup
