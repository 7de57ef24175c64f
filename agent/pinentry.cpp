#include "agent/pinentry.h"

#include <assuan.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace signet::agent {
namespace {

// Unattended prompts go away after this many seconds, so that they do not hold up others for ever.
constexpr int prompt_seconds = 300;

struct ContextDeleter {
    void operator()(assuan_context_t context) const { assuan_release(context); }
};
using Context = std::unique_ptr<assuan_context_s, ContextDeleter>;

std::string error_text(gpg_error_t error) {
    std::array<char, 256> text{};
    gpg_strerror_r(error, text.data(), text.size());
    return text.data();
}

Error pinentry_error(gpg_error_t error) {
    const auto code = gpg_err_code(error);
    const bool by_person = code == GPG_ERR_CANCELED || code == GPG_ERR_FULLY_CANCELED;
    std::string detail;
    if (by_person) {
        detail = "the PIN prompt was cancelled";
    } else if (code == GPG_ERR_TIMEOUT) {
        detail = "nobody answered the PIN prompt";
    } else {
        detail = "the PIN prompt could not be shown (" + error_text(error) +
                 "); set GPG_TTY=$(tty) for a terminal, or choose another pinentry in [agent] of signet.toml";
    }
    return {.code = ErrorCode::cancelled,
            .operation = "pinentry",
            .detail = std::move(detail),
            .native_code = static_cast<std::int64_t>(error)};
}

// Assuan's escaping for arguments: lines end at LF, '%' introduces an octet.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '%') {
            out += "%25";
        } else if (c == '\n') {
            out += "%0A";
        } else if (c == '\r') {
            out += "%0D";
        } else {
            out += c;
        }
    }
    return out;
}

// The child of the fork: what X and Wayland pinentries read from their environment.
void set_child_environment(void* argument, int /*reserved*/) {
    // In the session of a shell's background job, touching that shell's terminal would stop pinentry, and
    // the agent with it (SIGTTOU).
    setsid();
    const auto& environment = *static_cast<const Environment*>(argument);
    const auto set = [](const char* name, const std::string& value) {
        if (value.empty()) {
            unsetenv(name);
        } else {
            setenv(name, value.c_str(), 1);
        }
    };
    set("DISPLAY", environment.display);
    set("WAYLAND_DISPLAY", environment.wayland_display);
    set("XAUTHORITY", environment.xauthority);
    set("GPG_TTY", environment.tty);
}

// Collects the PIN of a GETPIN answer.
gpg_error_t collect(void* argument, const void* data, std::size_t length) {
    auto& pin = *static_cast<Secret*>(argument);
    return pin.append({static_cast<const std::uint8_t*>(data), length}) ? 0 : gpg_error(GPG_ERR_TOO_LARGE);
}

}  // namespace

struct Pinentry::Session {
    Context context;
};

Pinentry::Pinentry(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
Pinentry::Pinentry(Pinentry&&) noexcept = default;
Pinentry& Pinentry::operator=(Pinentry&&) noexcept = default;
Pinentry::~Pinentry() = default;

Result<Pinentry> Pinentry::start(const std::filesystem::path& program, const Environment& environment) {
    if (access(program.c_str(), X_OK) != 0) {
        return failure(ErrorCode::cancelled, "pinentry",
                       "there is no pinentry program at " + program.string() +
                           "; install one (package pinentry-curses or pinentry-gnome3), or set pinentry in "
                           "[agent] of signet.toml",
                       errno);
    }
    assuan_context_t raw = nullptr;
    if (const gpg_error_t error = assuan_new(&raw)) {
        return Failure(pinentry_error(error));
    }
    auto session = std::make_unique<Session>();
    session->context.reset(raw);
    const std::string name = program.string();
    std::array<const char*, 2> arguments{name.c_str(), nullptr};
    std::array<assuan_fd_t, 1> kept{ASSUAN_INVALID_FD};
    auto environment_copy = environment;
    if (const gpg_error_t error = assuan_pipe_connect(raw, name.c_str(), arguments.data(), kept.data(),
                                                      set_child_environment, &environment_copy, 0)) {
        return Failure(pinentry_error(error));
    }
    Pinentry pinentry(std::move(session));
    for (const auto& [option, value] : {std::pair{"ttyname", environment.tty},
                                        {"ttytype", environment.terminal_type},
                                        {"lc-ctype", environment.locale},
                                        {"lc-messages", environment.locale}}) {
        SIGNET_CHECK(pinentry.option(option, value));
    }
    SIGNET_CHECK(pinentry.send("SETTITLE signet"));
    SIGNET_CHECK(pinentry.send("SETPROMPT PIN:"));
    // Not every pinentry has it, and without it a prompt just stays.
    (void)pinentry.send("SETTIMEOUT " + std::to_string(prompt_seconds));
    return pinentry;
}

// A pinentry that does not know an option does without it.
Result<void> Pinentry::option(const std::string& name, const std::string& value) {
    if (value.empty()) {
        return {};
    }
    auto sent = send("OPTION " + name + "=" + escaped(value));
    if (!sent && gpg_err_code(static_cast<gpg_error_t>(sent.error().native_code)) == GPG_ERR_UNKNOWN_OPTION) {
        return {};
    }
    return sent;
}

Result<void> Pinentry::send(const std::string& command) {
    const gpg_error_t error = assuan_transact(m_session->context.get(), command.c_str(), nullptr, nullptr,
                                              nullptr, nullptr, nullptr, nullptr);
    if (error != 0) {
        return Failure(pinentry_error(error));
    }
    return {};
}

Result<Secret> Pinentry::ask(const PinText& text) {
    SIGNET_CHECK(send("SETDESC " + escaped(text.description)));
    if (!text.error.empty()) {
        SIGNET_CHECK(send("SETERROR " + escaped(text.error)));
    }
    Secret pin(Secret::max_size);
    assuan_context_t context = m_session->context.get();
    assuan_begin_confidential(context);
    const gpg_error_t error =
        assuan_transact(context, "GETPIN", collect, &pin, nullptr, nullptr, nullptr, nullptr);
    assuan_end_confidential(context);
    if (error != 0) {
        return Failure(pinentry_error(error));
    }
    return pin;
}

pid_t Pinentry::pid() const {
    return assuan_get_pid(m_session->context.get());
}

}  // namespace signet::agent
