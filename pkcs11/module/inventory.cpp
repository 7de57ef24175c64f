#include "pkcs11/module/inventory.h"

#include "ipc/codec.h"
#include "pkcs11/module/token_objects.h"

#include <algorithm>

namespace signet::module {
namespace {

constexpr auto fresh_enough = std::chrono::seconds(1);
// The agent may have to wait for a reader that is slow to answer; a person waits for a listing no longer.
constexpr auto patience = std::chrono::seconds(30);

std::string identity_of(const TokenPointer& token) {
    return token != nullptr ? token->token.id : std::string();
}

const TokenPointer* find(const Slots& slots, const std::string& id) {
    const auto found = std::find_if(slots.begin(), slots.end(), [&id](const TokenPointer& token) {
        return token != nullptr && token->token.id == id;
    });
    return found != slots.end() ? &*found : nullptr;
}

}  // namespace

CK_OBJECT_HANDLE new_object_handle() {
    static std::atomic<CK_OBJECT_HANDLE> last{0};
    return ++last;
}

const Object* PresentToken::find(CK_OBJECT_HANDLE handle) const {
    const auto found = std::find_if(objects.begin(), objects.end(),
                                    [handle](const Object& object) { return object.handle == handle; });
    return found != objects.end() ? &*found : nullptr;
}

Slots Inventory::read() {
    auto answer = ask();
    const std::lock_guard lock(m_mutex);
    m_heard = std::chrono::steady_clock::now();
    m_expired = false;
    m_losses = answer.losses;
    if (!answer.inventory) {
        m_generation.reset();
        install({});
    } else {
        m_generation = answer.inventory->generation;
        if (answer.inventory->tokens) {
            install(std::move(*answer.inventory->tokens));
        }
    }
    return m_slots;
}

Slots Inventory::recent() {
    {
        const std::lock_guard lock(m_mutex);
        if (!m_expired && std::chrono::steady_clock::now() - m_heard < fresh_enough) {
            return m_slots;
        }
    }
    return read();
}

Slots Inventory::known() {
    {
        const std::lock_guard lock(m_mutex);
        if (m_asked && !m_expired) {
            return m_slots;
        }
    }
    return read();
}

TokenPointer Inventory::find_token(const std::string& id) {
    {
        // The way of every C_SignInit.
        const std::lock_guard lock(m_mutex);
        if (const TokenPointer* token = find(m_slots, id)) {
            return *token;
        }
    }
    const Slots slots = read();
    const TokenPointer* token = find(slots, id);
    return token != nullptr ? *token : nullptr;
}

void Inventory::expire() {
    const std::lock_guard lock(m_mutex);
    m_expired = true;
}

std::optional<CK_SLOT_ID> Inventory::next_change() {
    known();
    read();
    const std::lock_guard lock(m_mutex);
    const auto slot = first_difference();
    if (slot) {
        m_reported[*slot] = identity_of(m_slots[*slot]);
    }
    return slot;
}

bool Inventory::has_change() {
    read();
    const std::lock_guard lock(m_mutex);
    return first_difference().has_value();
}

std::optional<CK_SLOT_ID> Inventory::first_difference() const {
    for (CK_SLOT_ID slot = 0; slot < slot_count; ++slot) {
        if (identity_of(m_slots[slot]) != m_reported[slot]) {
            return slot;
        }
    }
    return std::nullopt;
}

Inventory::Answer Inventory::ask() {
    std::optional<std::int64_t> generation;
    {
        const std::lock_guard lock(m_mutex);
        generation = m_losses == m_connections.losses() ? m_generation : std::nullopt;
    }
    const std::uint64_t losses = m_connections.losses();
    auto inventory = ask_once(generation);
    // Another agent counts its generations anew.
    if (m_connections.losses() != losses &&
        (inventory || inventory.error().code == ErrorCode::agent_unavailable)) {
        inventory = ask_once(std::nullopt);
    }
    Answer answer{.inventory = std::nullopt, .losses = m_connections.losses()};
    if (inventory) {
        answer.inventory = std::move(*inventory);
    }
    return answer;
}

Result<ipc::Inventory> Inventory::ask_once(std::optional<std::int64_t> known_generation) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    SIGNET_TRY(const auto reply,
               m_connections.call("org.signet.agent.GetInventory",
                                  ipc::encode_known_generation(known_generation), deadline));
    return ipc::decode_inventory(reply.parameters);
}

void Inventory::install(std::vector<ipc::Token> tokens) {
    Slots slots;
    for (ipc::Token& token : tokens) {
        if (token.slot && *token.slot < slot_count && slots[*token.slot] == nullptr) {
            const std::size_t slot = *token.slot;
            slots[slot] = adopt(std::move(token));
        }
    }
    m_slots = std::move(slots);
    if (!m_asked) {
        std::transform(m_slots.begin(), m_slots.end(), m_reported.begin(), identity_of);
        m_asked = true;
    }
}

// The object that is there already when nothing about the token has changed.
TokenPointer Inventory::adopt(ipc::Token token) {
    const auto same = std::find_if(m_slots.begin(), m_slots.end(), [&token](const TokenPointer& known) {
        return known != nullptr && known->token == token;
    });
    if (same != m_slots.end()) {
        return *same;
    }
    auto present = std::make_shared<PresentToken>();
    present->token = std::move(token);
    present->objects = token_objects(present->token, [this](const std::string& description) {
        CK_OBJECT_HANDLE& handle = m_handles[description];
        if (handle == 0) {
            handle = new_object_handle();
        }
        return handle;
    });
    return present;
}

}  // namespace signet::module
