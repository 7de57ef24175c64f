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

}  // namespace

Result<const ipc::Token*> select_token(const std::vector<ipc::Token>& tokens,
                                       const std::optional<std::string>& selector, Unnamed unnamed) {
    SIGNET_TRY(const auto fits, test_for(selector, unnamed));
    std::vector<const ipc::Token*> found;
    for (const auto& token : tokens) {
        if (fits(token)) {
            found.push_back(&token);
        }
    }
    if (found.empty()) {
        return failure(ErrorCode::token_not_found, "token",
                       selector.value_or(unnamed == Unnamed::any ? "" : "none wants a PIN"));
    }
    if (found.size() > 1) {
        return failure(ErrorCode::ambiguous, selector.value_or("the choice of a token"), list_of(found));
    }
    return found.front();
}

}  // namespace signet::cli
