#include "agent/pinentry.h"

#include "agent/spawn.h"

#include <assuan.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string_view>
#include <utility>

namespace signet::agent {
namespace {

// Unattended prompts go away after this many seconds, so that they do not hold up others for ever.
constexpr int prompt_seconds = 300;
// How long a pinentry may take to end when its connection is closed.
constexpr int leave_milliseconds = 1000;
constexpr std::string_view pinentry_operation = "pinentry";

struct ContextDeleter {
    void operator()(assuan_context_t context) const { assuan_release(context); }
};
using Context = std::unique_ptr<assuan_context_s, ContextDeleter>;

std::string error_text(gpg_error_t error) {
    std::array<char, 256> text{};
    gpg_strerror_r(error, text.data(), text.size());
    return text.data();
}

bool means_refusal(gpg_err_code_t code) {
    return code == GPG_ERR_CANCELED || code == GPG_ERR_FULLY_CANCELED || code == GPG_ERR_NOT_CONFIRMED;
}

// What the person was asked, and that it was refused.
struct Question {
    std::string_view name;
    std::string_view refusal;
};
constexpr Question pin_question{.name = "the PIN prompt", .refusal = "the PIN prompt was cancelled"};
// A pinentry reports its Cancel button like that of a PIN prompt.
constexpr Question consent_question{.name = "the question", .refusal = "the use of the key was refused"};

Error pinentry_error(gpg_error_t error, const Question& question = pin_question) {
    const auto code = gpg_err_code(error);
    std::string detail;
    if (means_refusal(code)) {
        detail = question.refusal;
    } else if (code == GPG_ERR_TIMEOUT) {
        detail = "nobody answered " + std::string(question.name);
    } else {
        detail = std::string(question.name) + " could not be shown (" + error_text(error) +
                 "); set GPG_TTY=$(tty) for a terminal, or choose another pinentry in [agent] of signet.toml";
    }
    return {.code = ErrorCode::cancelled,
            .operation = std::string(pinentry_operation),
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

// A command whose answer has no data.
Result<void> transact(assuan_context_t context, const std::string& command, const Question& question) {
    const gpg_error_t error =
        assuan_transact(context, command.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
    if (error != 0) {
        return Failure(pinentry_error(error, question));
    }
    return {};
}

// Collects the PIN of a GETPIN answer.
gpg_error_t collect(void* argument, const void* data, std::size_t length) {
    auto& pin = *static_cast<Secret*>(argument);
    return pin.append({static_cast<const std::uint8_t*>(data), length}) ? 0 : gpg_error(GPG_ERR_TOO_LARGE);
}

}  // namespace

bool is_cancelled_by_person(const Error& error) {
    const auto code = gpg_err_code(static_cast<gpg_error_t>(error.native_code));
    return error.code == ErrorCode::cancelled && error.operation == pinentry_operation && means_refusal(code);
}

struct Pinentry::Session {
    Session(ChildProcess child, FileDescriptor connection, Environment shown_where)
        : process(std::move(child)), socket(std::move(connection)), environment(std::move(shown_where)) {}
    ~Session() {
        context.reset();
        socket.close();
        pollfd ended{.fd = process.pidfd.get(), .events = POLLIN, .revents = 0};
        if (poll(&ended, 1, leave_milliseconds) != 1) {
            kill(-process.pid, SIGKILL);
        }
        waitpid(process.pid, nullptr, 0);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    ChildProcess process;
    FileDescriptor socket;  // until `context` has it
    Context context;
    Environment environment;
};

Pinentry::Pinentry(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
Pinentry::Pinentry(Pinentry&&) noexcept = default;
Pinentry& Pinentry::operator=(Pinentry&&) noexcept = default;
Pinentry::~Pinentry() = default;

Result<Pinentry> Pinentry::start(const std::filesystem::path& program, const Environment& environment) {
    if (access(program.c_str(), X_OK) != 0) {
        return failure(ErrorCode::cancelled, std::string(pinentry_operation),
                       "there is no pinentry program at " + program.string() +
                           "; install one (package pinentry-curses or pinentry-gnome3), or set pinentry in "
                           "[agent] of signet.toml");
    }
    SIGNET_TRY(auto pair, make_socket_pair());
    SIGNET_TRY(auto child, spawn_child({.arguments = {program.string()},
                                        .standard_streams = &pair.second,
                                        .variables = {{"DISPLAY", environment.display},
                                                      {"WAYLAND_DISPLAY", environment.wayland_display},
                                                      {"XAUTHORITY", environment.xauthority},
                                                      {"GPG_TTY", environment.tty}},
                                        .own_session = true}));
    return Pinentry(std::make_unique<Session>(std::move(child), std::move(pair.first), environment));
}

Result<void> Pinentry::greet() {
    assuan_context_t context = nullptr;
    if (const gpg_error_t error = assuan_new(&context)) {
        return Failure(pinentry_error(error));
    }
    m_session->context.reset(context);
    // The context owns the socket from here on, and closes it also when this fails.
    if (const gpg_error_t error = assuan_socket_connect_fd(context, m_session->socket.release(), 0)) {
        return Failure(pinentry_error(error));
    }
    const Environment& environment = m_session->environment;
    for (const auto& [name, value] : {std::pair{"ttyname", environment.tty},
                                      {"ttytype", environment.terminal_type},
                                      {"lc-ctype", environment.locale},
                                      {"lc-messages", environment.locale}}) {
        SIGNET_CHECK(option(name, value));
    }
    SIGNET_CHECK(send("SETTITLE signet"));
    // Not every pinentry has it, and without it a prompt just stays.
    (void)send("SETTIMEOUT " + std::to_string(prompt_seconds));
    return {};
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
    return transact(m_session->context.get(), command, pin_question);
}

Result<Secret> Pinentry::ask(const PinText& text) {
    SIGNET_CHECK(send("SETPROMPT " + escaped(text.prompt)));
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

Result<void> Pinentry::confirm(const std::string& description) {
    SIGNET_CHECK(send("SETDESC " + escaped(description)));
    return transact(m_session->context.get(), "CONFIRM", consent_question);
}

pid_t Pinentry::pid() const {
    return m_session->process.pid;
}

}  // namespace signet::agent
