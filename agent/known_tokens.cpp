#include "agent/known_tokens.h"

#include "base/log.h"
#include "base/whole_file.h"
#include "ipc/codec.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace signet::agent {
namespace {

bool decrypts(const ipc::Key& key) {
    return !key.decryption_schemes.empty() || key.derive;
}

// Without its state, and what has nothing to do with decryption.
ipc::Token remembered(ipc::Token token) {
    token.slot.reset();
    token.reader.clear();
    token.unlocked = false;
    token.pin = ipc::PinState::ok;
    std::erase_if(token.keys, [](const ipc::Key& key) { return !decrypts(key); });
    std::erase_if(token.certificates, [&token](const ipc::Certificate& certificate) {
        return std::none_of(token.keys.begin(), token.keys.end(),
                            [&certificate](const ipc::Key& key) { return key.id == certificate.key; });
    });
    return token;
}

// The file is a reply of GetAbsentTokens.
std::string encoded(const std::vector<ipc::Token>& tokens) {
    return ipc::encode_reply(ipc::encode(ipc::Inventory{.generation = 0, .tokens = tokens, .failures = {}}));
}

Result<std::vector<ipc::Token>> read_tokens(const std::filesystem::path& file) {
    SIGNET_TRY(const std::string text, read_file(file.string(), ipc::max_reply_size));
    SIGNET_TRY(const ipc::Reply reply, ipc::parse_reply(text));
    SIGNET_TRY(ipc::Inventory inventory, ipc::decode_inventory(reply.parameters));
    return std::move(inventory.tokens).value_or(std::vector<ipc::Token>());
}

}  // namespace

KnownTokens KnownTokens::load(std::filesystem::path file) {
    KnownTokens known(std::move(file));
    auto tokens = read_tokens(known.m_file);
    if (tokens) {
        known.m_tokens = *std::move(tokens);
    } else if (tokens.error().native_code != ENOENT) {
        log::warning("forgot which tokens were here: " + known.m_file.string() + ": " +
                     tokens.error().detail);
    }
    return known;
}

void KnownTokens::remember(const std::vector<ipc::Token>& present) {
    auto tokens = m_tokens;
    for (const ipc::Token& token : present) {
        auto now = remembered(token);
        const auto before = std::find_if(tokens.begin(), tokens.end(),
                                         [&now](const ipc::Token& other) { return other.id == now.id; });
        if (before != tokens.end() && *before == now) {
            continue;
        }
        if (before != tokens.end()) {
            tokens.erase(before);
        }
        if (!now.certificates.empty()) {
            tokens.push_back(std::move(now));
        }
    }
    if (tokens == m_tokens) {
        return;
    }
    auto text = encoded(tokens);
    while (tokens.size() > known_token_count || text.size() > ipc::max_reply_size) {
        tokens.erase(tokens.begin());
        text = encoded(tokens);
    }
    m_tokens = std::move(tokens);
    save(text);
}

std::vector<ipc::Token> KnownTokens::except(const std::set<std::string>& present) const {
    std::vector<ipc::Token> tokens = m_tokens;
    std::erase_if(tokens, [&present](const ipc::Token& token) { return present.contains(token.id); });
    return tokens;
}

void KnownTokens::save(const std::string& text) const {
    const auto saved = replace_file(m_file, as_bytes(text), Durability::may_be_lost);
    if (!saved) {
        log::warning("cannot remember which tokens were here: " + saved.error().detail);
    }
}

}  // namespace signet::agent
