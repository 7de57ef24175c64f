#include "ipc/channel.h"

#include <utility>

namespace signet::ipc {

struct Channel::Core : std::enable_shared_from_this<Core> {
    std::shared_ptr<Connection> connection;
    std::function<void()> on_closed;
    Answer answer;

    void work() {
        const auto self = shared_from_this();
        while (connection->next()) {
            auto reply = parse_reply(*connection->next());
            connection->consume();
            if (!answer) {
                give_up({.code = ErrorCode::protocol, .operation = "reply", .detail = "not asked for"});
                return;
            }
            if (!reply && reply.error().code == ErrorCode::protocol) {
                give_up(std::move(reply).error());
                return;
            }
            if (reply && reply->continues) {
                answer(std::move(reply));
            } else {
                std::exchange(answer, nullptr)(std::move(reply));
            }
        }
        if (connection->closed()) {
            give_up(*connection->closed());
        }
    }

    void give_up(Error error) {
        connection->close();
        if (const auto waiting = std::exchange(answer, nullptr)) {
            waiting(Failure(std::move(error)));
        }
        if (const auto handler = std::exchange(on_closed, nullptr)) {
            handler();
        }
    }
};

Channel::Channel(EventLoop& loop, FileDescriptor socket, std::function<void()> on_closed)
    : m_core(std::make_shared<Core>()) {
    m_core->on_closed = std::move(on_closed);
    m_core->connection =
        Connection::create(loop, std::move(socket), max_reply_size, [weak = std::weak_ptr(m_core)] {
            if (const auto core = weak.lock()) {
                core->work();
            }
        });
}

Channel::~Channel() {
    m_core->answer = nullptr;
    m_core->on_closed = nullptr;
    m_core->connection->close();
}

void Channel::call(std::string_view method, std::string_view parameters, std::span<const int> descriptors,
                   bool more, Answer answer) {
    m_core->answer = std::move(answer);
    m_core->connection->send(encode_call(method, parameters, more), descriptors);
}

bool Channel::busy() const {
    return m_core->answer != nullptr;
}

}  // namespace signet::ipc
