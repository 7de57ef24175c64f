#include "cli/token_selection.h"

#include "cli/pkcs11_uri.h"

#include <functional>

namespace signet::cli {
namespace {

using TokenTest = std::function<bool(const ipc::Token&)>;

Result<TokenTest> test_for(const std::optional<std::string>& selector, Unnamed unnamed) {
    if (!selector && unnamed == Unnamed::any) {
        return [](const ipc::Token&) { return true; };
    }
    if (!selector) {
        return [](const ipc::Token& token) { return token.login_required; };
    }
    if (Pkcs11Uri::looks_like(*selector)) {
        SIGNET_TRY(auto uri, Pkcs11Uri::parse(*selector));
        return [uri](const ipc::Token& token) { return matches(uri, token); };
    }
    return [name = *selector](const ipc::Token& token) { return token.id == name || token.label == name; };
}

std::string list_of(const std::vector<const ipc::Token*>& tokens) {
    std::string text;
    for (const auto* token : tokens) {
        text += (text.empty() ? "  " : "\n  ") + token->id + "  " + token->label;
    }
    return text;
}

// A token that is not listed may be where one of these is.
std::string with_failures(std::string detail, const std::vector<ipc::ModuleFailure>& failures) {
    for (const auto& failure : failures) {
        detail += (detail.empty() ? "module " : "; module ") + failure.module + " failed: " + failure.detail;
    }
    return detail;
}

}  // namespace

Result<const ipc::Token*> select_token(const ipc::Inventory& inventory,
                                       const std::optional<std::string>& selector, Unnamed unnamed) {
    SIGNET_TRY(const auto fits, test_for(selector, unnamed));
    std::vector<const ipc::Token*> found;
    for (const auto& token : *inventory.tokens) {
        if (fits(token)) {
            found.push_back(&token);
        }
    }
    if (found.empty()) {
        const bool pin_is_missing = unnamed == Unnamed::those_with_a_pin && !inventory.tokens->empty();
        return failure(
            ErrorCode::token_not_found, "token",
            with_failures(selector.value_or(pin_is_missing ? "none wants a PIN" : ""), inventory.failures));
    }
    if (found.size() > 1) {
        return failure(ErrorCode::ambiguous, selector.value_or("the choice of a token"), list_of(found));
    }
    return found.front();
}

}  // namespace signet::cli
