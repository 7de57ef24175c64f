#include "agent/agent.h"

#include "agent/passed_secret.h"
#include "ipc/codec.h"

#include <utility>

namespace signet::agent {

Agent::Agent(ipc::EventLoop& loop, const Config& config, Slots slots,
             const std::filesystem::path& state_directory)
    : m_prompts(loop, config.pinentry),
      m_inventory(loop, std::move(slots), state_directory,
                  {.token_removed = [this](const std::string& token,
                                           TokenHost* host) { m_unlocking.token_removed(token, host); },
                   .host_ended = [this](const TokenHost& host) { m_unlocking.host_ended(host); },
                   .is_unlocked = [this](const std::string& token) { return m_unlocking.is_unlocked(token); },
                   .changed = [this](const ipc::Change& change) { m_notices.changed(change); }}),
      m_unlocking(loop, m_prompts, m_inventory, config.pin_cache),
      m_desktop(loop,
                {.person_leaves =
                     [this](std::function<void()> forgotten) { m_unlocking.lock_all(std::move(forgotten)); },
                 .awake = [this] { m_notices.look_at_tokens(); }}),
      m_notices(loop, m_desktop, m_inventory),
      m_key_use(m_prompts, m_inventory, m_unlocking, m_notices),
      m_administration(loop, m_prompts, m_inventory, m_unlocking, m_notices),
      m_rights{.administration = config.administration} {}

void Agent::start(const Config& config) {
    m_inventory.configure(config);
    m_desktop.configure(config.desktop);
}

void Agent::stop() {
    m_desktop.stop();
    m_inventory.stop();
}

void Agent::reconfigure(const Config& config) {
    m_prompts.set_pinentry(config.pinentry);
    m_unlocking.set_pin_cache(config.pin_cache);
    m_rights.administration = config.administration;
    m_unlocking.lock_all();
    m_inventory.configure(config);
    m_desktop.configure(config.desktop);
    m_notices.look_at_tokens();
}

bool Agent::idle() const {
    return !m_unlocking.anything_unlocked() && !m_prompts.busy() && !m_inventory.busy();
}

void Agent::handle(const ipc::CallPointer& call) {
    const auto permitted = permission(call->call().method, call->peer(), m_rights);
    if (!permitted) {
        call->fail({.code = ErrorCode::method_not_found, .operation = "call", .detail = call->call().method});
    } else if (!permitted->allowed()) {
        call->fail(
            {.code = ErrorCode::not_allowed, .operation = "call", .detail = std::string(permitted->refusal)});
    } else {
        dispatch(call, permitted->method);
    }
}

void Agent::dispatch(const ipc::CallPointer& call, Method method) {
    switch (method) {
        case Method::get_inventory:
            get_inventory(call);
            return;
        case Method::get_absent_tokens:
            get_absent_tokens(call);
            return;
        case Method::watch:
            watch(call);
            return;
        case Method::sign:
            m_key_use.sign(call);
            return;
        case Method::decrypt:
            m_key_use.decrypt(call);
            return;
        case Method::derive:
            m_key_use.derive(call);
            return;
        case Method::unlock:
            unlock(call);
            return;
        case Method::lock:
            lock(call);
            return;
        case Method::administer:
            m_administration.handle(call);
            return;
    }
}

void Agent::get_inventory(const ipc::CallPointer& call) {
    const auto known = ipc::decode_known_generation(call->call().parameters);
    if (!known) {
        call->fail(known.error());
        return;
    }
    const auto answer = [this, call, known = *known] { call->reply(ipc::encode(m_inventory.list(known))); };
    // Some programs ask again and again, and reading a token takes as long as a signature.
    if (*known && m_inventory.recently_read()) {
        answer();
        return;
    }
    m_inventory.refresh(answer);
}

void Agent::get_absent_tokens(const ipc::CallPointer& call) {
    if (const auto none = ipc::decode_no_parameters(call->call().parameters); !none) {
        call->fail(none.error());
    } else {
        call->reply(ipc::encode(m_inventory.absent()));
    }
}

void Agent::watch(const ipc::CallPointer& call) {
    if (const auto none = ipc::decode_no_parameters(call->call().parameters); !none) {
        call->fail(none.error());
    } else if (!call->call().more) {
        call->fail(
            {.code = ErrorCode::unsupported, .operation = "Watch", .detail = "Watch without \"more\""});
    } else {
        m_inventory.watch(call);
    }
}

void Agent::unlock(const ipc::CallPointer& call) {
    auto decoded = ipc::decode_unlock_call(call->call().parameters);
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    const auto done = [call](const Result<void>& result) {
        if (result) {
            call->reply("{}");
        } else {
            call->fail(result.error());
        }
    };
    const auto token = decoded->token;
    m_inventory.refresh(token, [this, call, decoded = std::move(*decoded), done] {
        const auto found = m_inventory.find_token(decoded.token);
        if (!found) {
            call->fail(found.error());
            return;
        }
        if (m_unlocking.is_unlocked(found->token->id) || !found->token->login_required) {
            call->reply("{}");
            return;
        }
        if (!decoded.pin) {
            m_unlocking.unlock(*found, make_requester(call->peer(), decoded.environment), call, done);
            return;
        }
        auto pin = read_passed_secret(*call, *decoded.pin, "pin");
        if (!pin) {
            call->fail(pin.error());
            return;
        }
        pin->strip_line_end();
        m_unlocking.unlock_with(*found, *pin, done);
    });
}

void Agent::lock(const ipc::CallPointer& call) {
    const auto decoded = ipc::decode_lock_call(call->call().parameters);
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    if (!decoded->token) {
        m_unlocking.lock_all();
        call->reply("{}");
        return;
    }
    const auto found = m_inventory.find_token(decoded->token);
    if (!found) {
        call->fail(found.error());
        return;
    }
    m_unlocking.lock(found->token->id);
    call->reply("{}");
}

}  // namespace signet::agent
